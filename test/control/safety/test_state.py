"""The state machine, transition by transition."""

import pytest

from helms_control.safety.errors import SafetyError
from helms_control.safety.state import Arming, Mode


def mode(arming: Arming) -> Mode:
    return arming.mode


def test_it_starts_disarmed_and_only_arm_leads_out() -> None:
    arming = Arming()
    arming.stands()
    arming.stop(["anything"])
    arming.disarm()
    assert mode(arming) is Mode.DISARMED
    arming.arm([])
    assert mode(arming) is Mode.ARMED and arming.reasons == ()


def test_a_stop_brakes_first_and_then_stays() -> None:
    arming = Arming()
    arming.arm([])
    arming.stop(["collision"])
    assert mode(arming) is Mode.STOPPING
    arming.stands()
    arming.stands()
    assert mode(arming) is Mode.STOPPED and arming.reasons == ("collision",)
    arming.arm([])
    assert mode(arming) is Mode.ARMED


def test_the_first_reason_is_kept() -> None:
    arming = Arming()
    arming.arm([])
    arming.stop(["force"])
    arming.stop(["collision"])
    assert arming.reasons == ("force",)


@pytest.mark.parametrize("before", ["armed", "stopping", "stopped"])
def test_disarming_ends_in_disarmed_from_everywhere(before: str) -> None:
    arming = Arming()
    arming.arm([])
    if before != "armed":
        arming.stop(["force"])
    if before == "stopped":
        arming.stands()
    arming.disarm()
    arming.stands()
    assert mode(arming) is Mode.DISARMED


def test_a_refusal_changes_nothing_and_says_why() -> None:
    arming = Arming()
    with pytest.raises(SafetyError, match=r"cannot be armed: no power; no state\. It was left disarmed by: never"):
        arming.arm(["no power", "no state"])
    assert mode(arming) is Mode.DISARMED
