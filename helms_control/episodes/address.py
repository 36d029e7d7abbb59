"""Whether an action belongs to the control step that waits for one."""

from helms_control.errors import HelmsError
from helms_control.spec import SPEC


def check_address(who: str, waiting: tuple[int, int] | None, episode: int, step: int, spec_hash: str) -> None:
    """Refuse an action that is not for the present step.

    Args:
        who: carries actions out, for the message: "cell" or "driver".
        waiting: episode and step that wait for an action; None while no episode runs.
        episode: that the action is for.
        step: of the observation that it answers.
        spec_hash: of the contract that it was made for.

    Raises:
        HelmsError: no episode runs, another contract, or another step.
    """
    if waiting is None:
        raise HelmsError(f"action for step {step} of episode {episode}, but no episode is running")
    if spec_hash != SPEC.hash:
        raise HelmsError(
            f"action of spec {spec_hash[:12] or '(none)'}, but this {who} speaks spec {SPEC.label}; "
            "start both sides from the same release"
        )
    if (episode, step) != waiting:
        raise HelmsError(
            f"action for step {step} of episode {episode}; the {who} waits for step {waiting[1]} of episode "
            f"{waiting[0]}"
        )
