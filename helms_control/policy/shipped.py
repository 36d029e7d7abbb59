"""Where the policy of the repository lies."""

from pathlib import Path

from helms_control.policy.errors import BundleError
from helms_control.policy.manifest import NAME

SHIPPED = Path("policies/red_on_blue")


def shipped_policy() -> Path | None:
    """Return the shipped policy of the working directory, else of the repository around this package, else None."""
    # Both, as a package that is not installed in place has no repository around it.
    places = (SHIPPED, Path(__file__).parents[2] / SHIPPED)
    return next((place for place in places if (place / NAME).is_file()), None)


def require_policy(given: str | None) -> Path:
    """Return the folder that --policy names, or by default the shipped policy.

    Raises:
        BundleError: nothing is named, and this installation has no shipped policy.
    """
    found = Path(given) if given is not None else shipped_policy()
    if found is None:
        raise BundleError(
            f"no policy is named, and there is no {SHIPPED} in {Path.cwd()} or beside this installation of "
            "helms; name the folder of a bundle with --policy"
        )
    return found
