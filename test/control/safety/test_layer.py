"""The safety layer cycle by cycle: velocities sent, and the exits of each state."""

import numpy as np
import numpy.typing as npt
import pytest

from helms_control.safety.errors import SafetyError
from helms_control.safety.findings import Kind
from helms_control.safety.inputs import Wanted
from helms_control.safety.layer import SafetyLayer, Verdict
from helms_control.safety.limits import SafetyLimits
from helms_control.safety.state import Mode
from test.control.safety.arm import Arm, Changes

Array = npt.NDArray[np.float64]

HOME = (0.6, 0.0, 0.2)
# Slow enough for every limit, fast enough to take several cycles to stop.
WISH = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])


class Bench:
    """A layer, an arm that stands, and a clock in steps of 10 ms."""

    def __init__(self, layer: SafetyLayer, arm: Arm) -> None:
        """Stand at home, armed."""
        self.layer, self.arm, self.now = layer, arm, 10.0
        self.joints = arm.joints(*HOME)
        layer.arm(self.now, arm.state(self.joints, self.now))

    def step(self, velocity: Array = WISH, changes: Changes | None = None, wait: float = 0.01) -> Verdict:
        """Run one cycle; changes are to the robot's state."""
        self.now += wait
        return self.layer.step(self.now, Wanted(velocity, self.now), self.arm.state(self.joints, self.now, changes))

    def run_up(self) -> None:
        """Bring the wish to its full speed: 1 rad/s at 6 rad/s^2 takes 17 cycles."""
        for _ in range(17):
            verdict = self.step()
        np.testing.assert_allclose(verdict.velocity, WISH)


@pytest.fixture
def bench(layer: SafetyLayer, arm: Arm) -> Bench:
    return Bench(layer, arm)


def test_a_wish_within_the_limits_is_sent_as_it_is(bench: Bench) -> None:
    bench.run_up()
    verdict = bench.step()
    assert verdict.findings == () and verdict.publish and not verdict.holding


def test_only_a_quarter_of_the_speed_is_carried_out_at_first(arm: Arm) -> None:
    bench = Bench(SafetyLayer(SafetyLimits()), arm)
    for _ in range(17):
        verdict = bench.step()
    np.testing.assert_allclose(verdict.velocity, 0.25 * WISH)


@pytest.mark.parametrize("scale", [0.0, -0.1, 1.01, float("nan")])
def test_a_speed_scale_that_is_no_share_is_refused(layer: SafetyLayer, scale: float) -> None:
    with pytest.raises(SafetyError, match=r"must be in \(0, 1\]"):
        layer.set_speed_scale(scale)


def test_the_speed_rises_by_the_acceleration_and_no_faster(bench: Bench) -> None:
    # Half of 12 rad/s^2 for 10 ms is 0.06 rad/s; a cycle of 50 ms counts as 20 ms at most.
    assert bench.step().velocity[6] == pytest.approx(0.06)
    verdict = bench.step(wait=0.05)
    assert verdict.velocity[6] == pytest.approx(0.18)
    assert [item.kind for item in verdict.findings] == [Kind.JOINT_ACCELERATION]


def test_an_emergency_stop_is_zero_at_once_and_stays(bench: Bench) -> None:
    bench.run_up()
    verdict = bench.step(changes={"estop": True})
    assert not verdict.velocity.any() and verdict.mode is Mode.STOPPED and verdict.publish
    assert not bench.step().velocity.any()
    assert bench.layer.reasons == ("estop: the emergency stop is engaged",)
    assert bench.layer.counts[Kind.ESTOP] == 1


def test_too_much_force_brakes_as_hard_as_the_joints_can(bench: Bench) -> None:
    bench.run_up()
    # All of 12 rad/s^2: 0.12 rad/s a cycle, standing after 9.
    speeds = [float(bench.step(changes={"wrist_force": np.array([41.0, 0.0, 0.0])}).velocity[6]) for _ in range(9)]
    np.testing.assert_allclose(speeds, np.clip(1.0 - 0.12 * np.arange(1, 10), 0.0, None), atol=1e-12)
    assert bench.layer.mode is Mode.STOPPED


def test_braking_keeps_the_direction_of_motion(bench: Bench) -> None:
    wish = np.array([0.1, -0.05, 0.2, 0.0, 0.1, 0.0, 0.9])
    for _ in range(30):
        bench.step(wish)
    before = bench.layer.sent
    after = bench.step(wish, {"collision": True}).velocity
    np.testing.assert_allclose(after / np.linalg.norm(after), before / np.linalg.norm(before))


def test_a_stale_robot_silences_the_layer(bench: Bench) -> None:
    bench.run_up()
    # A zero, then nothing: it may still listen.
    verdict = bench.step(changes={"stamp": bench.now - 0.2})
    assert verdict.publish and not verdict.velocity.any() and verdict.mode is Mode.STOPPED
    verdict = bench.step(changes={"stamp": bench.now - 0.2})
    assert not verdict.publish and not verdict.velocity.any() and verdict.mode is Mode.STOPPED
    # Its state is back: zeros may be sent again, motion only after arming.
    verdict = bench.step()
    assert verdict.publish and not verdict.velocity.any()


def test_a_wish_to_stand_is_braked_for_as_hard_as_the_joints_can(bench: Bench) -> None:
    bench.run_up()
    speeds = [float(bench.step(np.zeros(7)).velocity[6]) for _ in range(9)]
    np.testing.assert_allclose(speeds, np.clip(1.0 - 0.12 * np.arange(1, 10), 0.0, None), atol=1e-12)
    assert bench.layer.mode is Mode.ARMED


def test_without_an_action_the_arm_holds_and_then_goes_on(bench: Bench) -> None:
    bench.run_up()
    for _ in range(9):
        bench.now += 0.01
        verdict = bench.layer.step(bench.now, None, bench.arm.state(bench.joints, bench.now))
    assert not verdict.velocity.any() and verdict.mode is Mode.ARMED and verdict.holding
    assert bench.step().velocity[6] == pytest.approx(0.06)
    assert bench.layer.counts[Kind.STALE_ACTION] == 9


def test_a_late_cycle_starts_again_from_standing(bench: Bench) -> None:
    bench.run_up()
    verdict = bench.step(wait=0.11)
    assert [item.kind for item in verdict.findings] == [Kind.LATE_CYCLE]
    assert not verdict.velocity.any()
    assert bench.step().velocity[6] == pytest.approx(0.06)


@pytest.mark.parametrize("now", [float("nan"), float("inf"), 9.0])
def test_a_broken_clock_brakes_and_latches(bench: Bench, now: float) -> None:
    bench.run_up()
    state = bench.arm.state(bench.joints, now)
    verdict = bench.layer.step(now, Wanted(WISH, now), state)
    assert Kind.CLOCK in {item.kind for item in verdict.findings}
    assert verdict.mode in (Mode.STOPPING, Mode.STOPPED)
    assert np.linalg.norm(verdict.velocity) < 1.0


def test_nothing_is_published_while_disarmed_but_the_zero_that_ends_the_braking(bench: Bench) -> None:
    bench.run_up()
    bench.layer.disarm()
    verdicts = [bench.step() for _ in range(9)]
    assert all(item.publish for item in verdicts) and not verdicts[-1].velocity.any()
    assert verdicts[-1].mode is Mode.DISARMED
    assert not bench.step().publish


def test_a_person_may_stop_it(bench: Bench) -> None:
    bench.run_up()
    bench.layer.stop("stopped at the keyboard")
    for _ in range(9):
        bench.step()
    assert bench.layer.mode is Mode.STOPPED and bench.layer.reasons == ("stopped at the keyboard",)


def test_a_braking_arm_cannot_be_armed(bench: Bench) -> None:
    bench.run_up()
    bench.step(changes={"collision": True})
    with pytest.raises(SafetyError, match="still braking"):
        bench.layer.arm(bench.now, bench.arm.state(bench.joints, bench.now))


def test_arming_is_refused_with_every_cause(arm: Arm, layer: SafetyLayer) -> None:
    state = arm.state(arm.joints(*HOME), 1.0, {"estop": True, "enabled": False})
    with pytest.raises(SafetyError, match=r"the emergency stop is engaged; .*not enabled.*arm again"):
        layer.arm(1.0, state)
    with pytest.raises(SafetyError, match="no robot state yet"):
        layer.arm(1.0, None)
    assert layer.mode is Mode.DISARMED


def test_the_layer_returns_its_own_copy_of_what_it_sent(bench: Bench) -> None:
    verdict = bench.step()
    verdict.velocity[:] = 9.0
    assert bench.layer.sent[6] == pytest.approx(0.06)


def test_missing_limits_are_refused() -> None:
    with pytest.raises(SafetyError, match="needs SafetyLimits, got None"):
        SafetyLayer(None)  # type: ignore[arg-type]
