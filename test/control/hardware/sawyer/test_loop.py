"""The control loop on a simulated clock: no motion without a command, and every fault stops the arm."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.registers import ObjectDetection
from helms_control.hardware.sawyer.enabling import Request
from helms_control.hardware.sawyer.loop import LoopConfig
from helms_control.hardware.sawyer.robot_state import PRESSED, RELEASED, UNKNOWN
from helms_control.safety.joints import SAWYER, JointLimits
from helms_control.safety.limits import SafetyLimits
from helms_control.safety.state import Mode
from helms_control.spec import EPISODE_STEPS, PROPRIOCEPTION, SPEC
from test.control.hardware.sawyer.rig import CONFIG, PERIOD, SENSES, TICKS, WELL, Rig

ACTION = np.array([0.6, 0.4, -0.5, 0.3, 1.0])
Fault = Callable[[Rig], None]


def sent(rig: Rig, since: int = 0) -> list[float]:
    """Largest joint speed of every command sent from a cycle on."""
    return [float(np.abs(each.velocity).max()) for each in rig.outputs[since:] if each.velocity is not None]


def test_disarmed_nothing_is_sent(rig: Rig) -> None:
    rig.cycle(50)
    assert all({each.velocity is None, each.fingers is None, each.leave is None} == {True} for each in rig.outputs)
    assert not any(each.request for each in rig.outputs)
    with pytest.raises(HelmsError, match="no episode: the arm is disarmed; arm it"):
        rig.loop.begin()
    with pytest.raises(HelmsError, match="but no episode is running"):
        rig.offer(ACTION)


def test_armed_without_an_action_it_stands(rig: Rig) -> None:
    rig.episode()
    rig.cycle(3 * TICKS)
    assert sent(rig) == [0.0] * (3 * TICKS + 1)


def test_an_action_comes_through_as_it_was_meant(rig: Rig) -> None:
    rig.moving()
    held, velocity = rig.step(ACTION)
    assert held == ""
    np.testing.assert_allclose(velocity[:3], 0.07 * ACTION[:3], atol=4e-3)
    np.testing.assert_allclose(velocity[3:], [0.3, 255.0], atol=0.03)


def test_a_missing_action_is_counted_and_holds_the_arm(rig: Rig) -> None:
    rig.moving()
    assert rig.step(None)[0] == "no action in time"
    rig.cycle(15)
    assert not rig.velocity.any()
    assert rig.loop.steps.missed == 1
    assert rig.outputs[-1].fingers == 0.0


def test_the_arm_stands_150_ms_after_its_last_action(rig: Rig) -> None:
    rig.moving()
    before = len(rig.outputs) - TICKS
    for _ in range(3):
        rig.step(None)
    assert all(speed == 0.0 for speed in sent(rig, before + 15))


def test_without_the_clock_of_control_steps_the_safety_layer_holds(rig: Rig) -> None:
    rig.moving()
    rig.cycle(10)
    assert rig.velocity.any()
    rig.cycle(10)
    assert not rig.velocity.any()
    assert rig.loop.mode is Mode.ARMED


def test_a_late_action_is_refused_and_not_carried_out(rig: Rig) -> None:
    rig.moving()
    for _ in range(4):
        rig.step(None)
    with pytest.raises(HelmsError, match="the driver waits for step 8 of episode 1"):
        rig.offer(ACTION, ahead=-4)
    rig.cycle(TICKS)
    assert not rig.velocity.any()
    assert rig.loop.steps.refused == 1


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"episode": 2}, "waits for step 0 of episode 1"),
        ({"step": 1}, "waits for step 0 of episode 1"),
        ({"spec_hash": "0" * 64}, "action of spec 000000000000"),
        ({"action": np.full(5, np.nan)}, "velocity_x is nan"),
        ({"action": np.zeros(4)}, "must have shape"),
    ],
)
def test_what_breaks_the_contract_is_refused(rig: Rig, bad: dict[str, object], message: str) -> None:
    rig.episode()
    fields = {"episode": 1, "step": 0, "spec_hash": SPEC.hash, "action": ACTION} | bad
    with pytest.raises(HelmsError, match=message):
        rig.loop.offer(rig.now, **fields)  # type: ignore[arg-type]
    rig.cycle(TICKS)
    assert not rig.velocity.any()


def test_a_second_action_for_the_same_step_is_refused(rig: Rig) -> None:
    rig.episode()
    rig.offer(ACTION)
    with pytest.raises(HelmsError, match="step 0 of episode 1 has its action already"):
        rig.offer(-ACTION)


def mute(name: str) -> Fault:
    return lambda rig: rig.silent.add(name)


def power(**changes: object) -> Fault:
    def set_power(rig: Rig) -> None:
        rig.assembly = replace(WELL, **changes)  # type: ignore[arg-type]

    return set_power


def push(rig: Rig) -> None:
    rig.force = np.array([0.0, 0.0, 45.0])


def collide(rig: Rig) -> None:
    rig.collision = True


def break_sensor(rig: Rig) -> None:
    rig.joints = np.where(np.arange(7) == 3, np.nan, rig.joints)


STOPPING: dict[str, Fault] = {
    "estop": power(stopped=True, estop_button=PRESSED, enabled=False),
    "soft stop": power(stopped=True, estop_button=UNKNOWN, estop_source=2, enabled=False),
    "released": power(stopped=True, estop_button=RELEASED, estop_source=1, enabled=False),
    "error": power(error=True),
    "low voltage": power(low_voltage=True),
    "not homed": power(homed=False),
    "disabled": power(enabled=False),
    "collision": collide,
    "force": push,
    "nan": break_sensor,
}


@pytest.mark.parametrize("fault", STOPPING.values(), ids=STOPPING.keys())
def test_a_fault_brings_zero_velocity_and_stays(rig: Rig, fault: Fault) -> None:
    rig.moving()
    before, joints = len(rig.outputs), rig.joints
    fault(rig)
    rig.cycle(12)
    speeds = sent(rig, before)
    # Zero is sent, not silence, and once it is reached it stays; braking takes no more than a few cycles.
    assert len(speeds) == 12
    assert all(speed == 0.0 for speed in speeds[5:])
    assert rig.loop.mode is Mode.STOPPED
    # The fault goes away; the arm stays.
    rig.assembly, rig.force, rig.collision, rig.joints = WELL, np.zeros(3), False, joints
    rig.cycle(20)
    assert rig.loop.tick() is not None
    assert not any(sent(rig, before + 5))
    rig.loop.arm(rig.now)
    rig.cycle(5)
    assert not rig.velocity.any()


@pytest.mark.parametrize(("what", "allowed"), [("joints", 0.1), ("assembly", 0.15), ("endpoint", 0.15)])
def test_a_stale_state_ends_all_sending_in_time(rig: Rig, what: str, allowed: float) -> None:
    rig.moving()
    before = len(rig.outputs)
    rig.silent.add(what)
    told = None
    for cycle in range(60):
        rig.cycle()
        told = rig.loop.tick() if cycle % TICKS == TICKS - 1 and rig.loop.steps.running else told
    silent_from = next(i for i, each in enumerate(rig.outputs[before:]) if each.velocity is None)
    assert (silent_from - 1) * PERIOD <= allowed + 1e-9
    assert not sent(rig, before + silent_from)
    # Nor a position to hold: that would pile up as well.
    assert all(each.leave is None for each in rig.outputs[before:])
    assert told is not None and told[1].last and "stale_state" in told[1].reason
    rig.silent.clear()
    rig.cycle(20)
    assert not any(sent(rig, before + silent_from))


@pytest.mark.parametrize(("what", "allowed"), [("joints", 0.1), ("assembly", 0.15), ("endpoint", 0.15)])
def test_the_last_before_the_silence_is_a_zero(rig: Rig, what: str, allowed: float) -> None:
    action = rig.moving()
    before = len(rig.outputs)
    rig.silent.add(what)
    while rig.loop.steps.running:
        rig.step(action)
    speeds = sent(rig, before)
    assert speeds[-1] == 0.0 and all(speeds[:-1])
    assert (len(speeds) - 2) * PERIOD <= allowed + 1e-9


@pytest.mark.parametrize("what", ["objects", "gripper"])
def test_without_fresh_objects_or_gripper_it_holds_and_goes_on(rig: Rig, what: str) -> None:
    action = rig.moving()
    rig.silent.add(what)
    held = [rig.step(action)[0] for _ in range(12)]
    assert held[0] == "" and {"objects": "stale_objects", "gripper": "gripper has been silent"}[what] in held[-1]
    assert not rig.velocity.any()
    assert rig.outputs[-1].fingers == 0.0
    rig.silent.clear()
    rig.step(action)
    assert rig.step(action)[0] == ""
    assert rig.velocity.any()


def test_a_policy_without_eyes_needs_no_objects() -> None:
    safety = SafetyLimits(object_age_s=None)
    rig = Rig(replace(CONFIG, senses=replace(SENSES, needs_objects=False), safety=safety))
    rig.silent.add("objects")
    rig.loop.senses.objects.stamps[:] = [None] * 3
    rig.moving()


def test_the_gripper_must_be_ready(rig: Rig) -> None:
    rig.gripper = replace(rig.gripper, ready=False, problem="not activated: call activate")
    rig.cycle()
    with pytest.raises(HelmsError, match="gripper is not ready: not activated: call activate"):
        rig.loop.arm(rig.now)


def test_a_guard_holds_the_arm_whatever_is_offered(rig: Rig) -> None:
    action = rig.moving()
    rig.loop.guard = "recorder is silent"
    rig.step(action)
    assert rig.step(action)[0] == "recorder is silent"
    assert not rig.velocity.any()


def test_nothing_is_armed_before_everything_was_heard() -> None:
    rig = Rig()
    rig.loop = type(rig.loop)(CONFIG)
    with pytest.raises(HelmsError) as error:
        rig.loop.arm(rig.now)
    for name in ("joint_states", "/robot/state", "endpoint_state", "collision_detection_state", "the gripper"):
        assert name in str(error.value)
    assert "poses of red, green, blue" in str(error.value)
    assert "has not reported its joint limits" in str(error.value)


def test_another_arm_is_not_armed(rig: Rig) -> None:
    rig.silent.add("endpoint")
    rig.joints = rig.joints + np.array([0.05, 0, 0, 0, 0, 0, 0])
    rig.cycle()
    with pytest.raises(HelmsError, match=r"endpoint lies \d\d mm beside the tool axis"):
        rig.loop.arm(rig.now)


def test_a_moving_arm_is_not_armed(rig: Rig) -> None:
    rig.velocity = np.full(7, 0.1)
    rig.say()
    with pytest.raises(HelmsError, match="the arm is moving"):
        rig.loop.arm(rig.now)


def test_a_robot_that_is_disabled_is_not_armed(rig: Rig) -> None:
    rig.assembly = replace(WELL, enabled=False)
    rig.cycle()
    with pytest.raises(HelmsError, match="robot_disabled: the robot is not enabled"):
        rig.loop.arm(rig.now)


def test_the_tools_weight_is_taken_at_rest_and_not_more(rig: Rig) -> None:
    rig.force = np.array([0.0, 0.0, -12.0])
    rig.cycle(30)
    rig.loop.arm(rig.now)
    rig.cycle()
    np.testing.assert_allclose(PROPRIOCEPTION.unpack(rig.loop.frame()[0])["wrist_force"], 0.0, atol=1e-5)
    heavy = Rig()
    heavy.force = np.array([0.0, 0.0, -30.0])
    heavy.cycle(30)
    with pytest.raises(HelmsError, match=r"the wrist feels 30\.0 N at rest, more than a tool weighs"):
        heavy.loop.arm(heavy.now)


def test_the_episode_ends_by_time_and_disarms(rig: Rig) -> None:
    rig.episode()
    for _ in range(EPISODE_STEPS - 1):
        rig.offer(np.zeros(5))
        told = rig.loop.tick()
        assert told is not None and not told[1].last
    told = rig.loop.tick()
    assert told is not None and (told[1].last, told[1].reason, told[1].step) == (True, "time", EPISODE_STEPS)
    rig.cycle(3)
    assert rig.loop.mode is Mode.DISARMED
    assert rig.loop.tick() is None


def test_disarmed_it_brakes_sends_zero_and_leaves_the_mode_once(rig: Rig) -> None:
    rig.moving()
    before = len(rig.outputs)
    rig.loop.disarm()
    rig.cycle(20)
    speeds = sent(rig, before)
    assert speeds[-1] == 0.0 and len(speeds) < 10
    left = [each.leave for each in rig.outputs[before:] if each.leave is not None]
    assert len(left) == 1
    np.testing.assert_allclose(left[0], rig.joints)


def test_the_speed_scale_holds(rig: Rig) -> None:
    slow = Rig(replace(CONFIG, speed_scale=0.25))
    slow.episode()
    for _ in range(4):
        _, velocity = slow.step(ACTION)
    np.testing.assert_allclose(velocity[:3], 0.25 * 0.07 * ACTION[:3], atol=1e-3)


def test_reported_limits_narrow_the_published_ones(rig: Rig) -> None:
    limits = SAWYER
    low = JointLimits(limits.lower, limits.upper, np.full(7, 0.02), limits.acceleration)
    rig.loop.use_limits(low)
    rig.episode()
    for _ in range(6):
        rig.step(ACTION)
    assert max(sent(rig)) <= 0.01 + 1e-12
    with pytest.raises(HelmsError, match="only while the arm is disarmed"):
        rig.loop.use_limits(low)


def test_the_ready_pose_is_reached_up_first(rig: Rig) -> None:
    away = Rig()
    away.episode()
    for _ in range(60):
        away.step(np.array([0.8, -0.8, -1.0, 0.5, 0.0]))
    away.loop.end("enough")
    away.cycle(10)
    low = away.pose.pinch[2]
    assert low < 0.2
    with pytest.raises(HelmsError, match="no way to the ready pose: the arm is disarmed"):
        away.loop.go_ready()
    away.loop.arm(away.now)
    away.loop.go_ready()
    heights: list[float] = []
    sideways: list[float] = []
    start = away.pose.pinch[:2]
    while away.loop.commander.moving_ready and len(heights) < 3000:
        away.cycle()
        heights.append(float(away.pose.pinch[2]))
        sideways.append(float(np.linalg.norm(away.pose.pinch[:2] - start)))
    assert not away.loop.commander.moving_ready
    np.testing.assert_allclose(away.joints, away.loop.config.ready.target, atol=0.02)
    assert min(heights) > low - 0.002
    # Until it is above everything it goes straight up.
    assert max(way for way, height in zip(sideways, heights, strict=True) if height < 0.24) < 0.01


def test_no_episode_begins_on_the_way_to_the_ready_pose(rig: Rig) -> None:
    rig.loop.arm(rig.now)
    rig.joints = rig.joints + 0.1
    rig.cycle()
    rig.loop.go_ready()
    rig.cycle(5)
    with pytest.raises(HelmsError, match="no episode: the arm is on the way to the ready pose"):
        rig.loop.begin()
    assert rig.velocity.any()


def test_power_is_asked_for_only_while_the_arm_is_not_armed(rig: Rig) -> None:
    rig.assembly = replace(WELL, enabled=False)
    rig.cycle()
    rig.loop.ask(Request.ENABLE, rig.now)
    assert rig.cycle().request is Request.ENABLE
    with pytest.raises(HelmsError, match="the robot is being asked to enable"):
        rig.loop.arm(rig.now)
    rig.assembly = WELL
    assert rig.cycle().request is None
    rig.episode()
    with pytest.raises(HelmsError, match="enable: not while the arm is armed; disarm first"):
        rig.loop.ask(Request.ENABLE, rig.now)


def test_fingers_follow_the_action_and_the_gripper_is_observed(rig: Rig) -> None:
    rig.gripper = replace(rig.gripper, position=120.4, detection=ObjectDetection.STOPPED_CLOSING)
    rig.episode()
    for speed, expected in ((0.3, 76.5), (-1.0, -255.0), (0.0, 0.0)):
        rig.step(np.array([0.0, 0.0, 0.0, 0.0, speed]))
        assert rig.outputs[-1].fingers == pytest.approx(expected)
    named = PROPRIOCEPTION.unpack(rig.loop.frame()[0])
    assert (float(named["gripper_angle"][0]), float(named["grasp"][0])) == (120.0, 1.0)


def test_frames_are_stacked_newest_first(rig: Rig) -> None:
    rig.episode()
    action = np.array([0.0, 0.0, -1.0, 0.0, 0.0])
    heights = []
    for _ in range(3):
        rig.offer(action)
        rig.cycle(TICKS)
        told = rig.loop.tick()
        assert told is not None
        heights.append(float(told[1].own[0, 23]))
    assert told is not None
    np.testing.assert_allclose(told[1].own[:, 23], heights[::-1])
    assert heights[0] > heights[1] > heights[2]


def test_the_defaults_are_careful() -> None:
    config = LoopConfig()
    assert (config.speed_scale, config.disarm_after_episode, config.safety.state_age_s) == (0.25, True, 0.1)
