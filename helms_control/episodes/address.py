"""Check that an action belongs to the current control step."""

from helms_control.errors import HelmsError
from helms_control.spec import SPEC


def check_address(who: str, waiting: tuple[int, int] | None, episode: int, step: int, spec_hash: str) -> None:
    """Refuse an action that is not for the present step.

    Args:
        who: receiver of the action, for the message: "cell" or "driver".
        waiting: current episode and step; None while no episode runs.
        episode: of the action.
        step: of the observation that the action answers.
        spec_hash: of the action's contract.

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
