"""Property test: for random commands and faults in any order, the arm stays within its limits."""

from collections import Counter, deque
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helms_control.safety.errors import SafetyError
from helms_control.safety.findings import Kind, Reaction
from helms_control.safety.inputs import RobotState, Wanted
from helms_control.safety.layer import SafetyLayer, Verdict
from helms_control.safety.limits import SafetyLimits
from helms_control.safety.state import Mode
from test.control.safety.arm import Arm

Array = npt.NDArray[np.float64]

PERIOD = 0.01
LIMITS = SafetyLimits()
JOINTS = LIMITS.joints
NAN = float("nan")

component = st.floats(-1.0, 1.0)
tool = st.tuples(st.just("tool"), st.lists(component, min_size=6, max_size=6))
joints = st.tuples(st.just("joints"), st.lists(component, min_size=7, max_size=7))
LATCHING = {"estop", "error", "disabled", "collision", "force", "nan_joints", "no_jacobian", "stale_state", "clock"}
HOLDING = {"nan_command", "huge_command", "no_command", "stale_action", "stale_objects", "pause"}
fault = st.tuples(st.just("fault"), st.sampled_from(sorted(LATCHING | HOLDING)))
phase = st.tuples(st.one_of(tool, tool, joints, fault), st.integers(1, 150))
places = st.tuples(st.floats(0.47, 0.73), st.floats(-0.14, 0.14), st.floats(0.075, 0.43))
WIDE = replace(LIMITS, box_lower=(-2.0, -2.0, -2.0), box_upper=(2.0, 2.0, 2.0))
"""No walls, so that the joints' limits and singularities are reached."""


@dataclass
class Run:
    """One arm under one layer; `lag` cycles pass before a command moves the arm."""

    arm: Arm
    lag: int = 0
    place: tuple[float, float, float] = (0.6, 0.0, 0.2)
    limits: SafetyLimits = LIMITS

    def __post_init__(self) -> None:
        """Put the arm at its place and arm the layer."""
        self.layer = SafetyLayer(self.limits)
        self.layer.set_speed_scale(1.0)
        self.joints: Array = self.arm.joints(*self.place)
        self.now, self.wanted = 100.0, np.zeros(7)
        self.pipe = deque([np.zeros(7)] * self.lag)
        self.layer.arm(self.now, self.arm.state(self.joints, self.now))

    def play(self, what: tuple[str, Any], cycles: int) -> None:
        """Let one phase pass, and look at every cycle of it."""
        kind, value = what
        if kind == "fault":
            self.cycle(value)
            cycles = min(cycles, 5)
        elif kind == "joints":
            self.wanted = 2.0 * JOINTS.velocity * np.array(value)
        for _ in range(cycles):
            if kind == "tool":
                # Up to three times the allowed speed, so that every wall is run into.
                twist = 3.0 * np.array(value) * [0.12, 0.12, 0.12, 1.2, 1.2, 1.2]
                self.wanted = np.linalg.pinv(self.arm.jacobian(self.joints), rcond=1e-3) @ twist
            self.cycle("")

    def cycle(self, fault: str) -> None:
        """Run one cycle, judge it, move the arm."""
        if self.layer.mode in (Mode.STOPPED, Mode.DISARMED):
            self.layer.arm(self.now, self.arm.state(self.joints, self.now))
        self.now += -0.5 if fault == "clock" else 0.3 if fault == "pause" else PERIOD
        state = broken(self.arm.state(self.joints, self.now), fault)
        before, armed = self.layer.sent.copy(), self.layer.mode is Mode.ARMED
        verdict = self.layer.step(self.now, asked(self.wanted, self.now, fault), state)
        self.judge(verdict, before, fault, armed)
        self.pipe.append(verdict.velocity)
        self.joints = self.joints + self.pipe.popleft() * PERIOD
        tcp = self.arm.tcp(self.joints)
        # Joints at full speed bend the path of the tool within a cycle, and more while a command is under way.
        outside = np.maximum(self.limits.box_lower - tcp, tcp - self.limits.box_upper)
        assert outside.max() <= (3e-3 if self.lag else 1e-4)
        assert np.all(self.joints > JOINTS.lower) and np.all(self.joints < JOINTS.upper)

    def judge(self, verdict: Verdict, before: Array, fault: str, armed: bool) -> None:
        """Check one verdict against the plain numbers of the limits."""
        velocity = verdict.velocity
        assert velocity.shape == (7,) and np.isfinite(velocity).all()
        assert np.all(np.abs(velocity) <= 0.5 * JOINTS.velocity * (1 + 1e-9))
        twist = self.arm.jacobian(self.joints) @ velocity
        # A braking arm keeps the direction of its joints; the tool's changes with its pose, and so may its speed.
        slack = (
            1.25 if np.allclose(velocity * np.linalg.norm(before), before * np.linalg.norm(velocity)) else 1.0 + 1e-9
        )
        assert np.linalg.norm(twist[:3]) <= 0.12 * slack
        assert np.linalg.norm(twist[3:]) <= 1.2 * slack
        if verdict.mode in (Mode.STOPPED, Mode.DISARMED) or not verdict.publish:
            assert not velocity.any()
        if fault in LATCHING:
            assert verdict.mode in (Mode.STOPPING, Mode.STOPPED)
        if fault in HOLDING:
            assert (verdict.mode is Mode.ARMED) == armed
            assert np.linalg.norm(velocity) < np.linalg.norm(before) or not before.any()
        change = np.abs(velocity - before)
        cut = {item.reaction for item in verdict.findings} & {Reaction.CUT, Reaction.SILENCE} or fault == "pause"
        if not cut:
            assert np.all(change <= JOINTS.acceleration * PERIOD * (1 + 1e-9))
        fast = change > 0.5 * JOINTS.acceleration * PERIOD * (1 + 1e-9)
        assert np.all(np.abs(velocity[fast]) < np.abs(before[fast]))


def broken(state: RobotState, fault: str) -> RobotState | None:
    """Return the state with a fault."""
    changes: dict[str, dict[str, Any]] = {
        "estop": {"estop": True},
        "error": {"error": True},
        "disabled": {"enabled": False},
        "collision": {"collision": True},
        "force": {"wrist_force": np.array([30.0, 0.0, -30.0])},
        "nan_joints": {"joints": np.where(np.arange(7) == 3, NAN, state.joints)},
        "no_jacobian": {"jacobian": None},
        "stale_state": {"stamp": state.stamp - 0.11},
        "stale_objects": {"objects_stamp": state.stamp - 0.51},
    }
    return replace(state, **changes.get(fault, {}))


def asked(velocity: Array, now: float, fault: str) -> Wanted | None:
    """Return the wanted velocity with a fault."""
    values = {"nan_command": np.full(7, NAN), "huge_command": np.full(7, 1e300)}
    if fault == "no_command":
        return None
    return Wanted(values.get(fault, velocity), now - 0.16 if fault == "stale_action" else now)


@pytest.mark.parametrize("lag", [0, 3])
@given(place=places, phases=st.lists(phase, min_size=1, max_size=12))
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_no_sequence_of_wishes_and_faults_leads_beyond_a_limit(
    arm: Arm, lag: int, place: tuple[float, float, float], phases: list[tuple[tuple[str, Any], int]]
) -> None:
    run = Run(arm, lag, place)
    for what, cycles in phases:
        run.play(what, cycles)


@pytest.mark.parametrize("lag", [0, 3])
@pytest.mark.parametrize(
    ("limits", "met"),
    [(LIMITS, {Kind.WORKSPACE}), (WIDE, {Kind.SINGULARITY, Kind.JOINT_POSITION})],
    ids=["box", "no box"],
)
def test_long_runs_meet_every_limit_and_leave_none(arm: Arm, limits: SafetyLimits, met: set[Kind], lag: int) -> None:
    rng, counts = np.random.default_rng(0), Counter[Kind]()
    for _ in range(6):
        run = Run(arm, lag, limits=limits)
        for _ in range(12):
            kind, size = (("tool", 6), ("joints", 7))[int(rng.integers(2))]
            run.play((kind, rng.uniform(-1.0, 1.0, size)), int(rng.integers(20, 200)))
        counts += run.layer.counts
    assert {Kind.JOINT_SPEED, Kind.TCP_SPEED, Kind.JOINT_ACCELERATION} | met <= set(counts)


@pytest.mark.parametrize("fault", sorted(LATCHING))
def test_after_a_latching_fault_nothing_moves_until_somebody_arms(arm: Arm, fault: str) -> None:
    run = Run(arm)
    run.play(("tool", [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]), 30)
    assert run.layer.sent.any()
    run.cycle(fault)
    for _ in range(50):
        run.now += PERIOD
        state = arm.state(run.joints, run.now)
        verdict = run.layer.step(run.now, Wanted(run.wanted, run.now), state)
    assert verdict.mode is Mode.STOPPED and not verdict.velocity.any()
    run.layer.arm(run.now, state)
    run.cycle("")
    assert run.layer.sent.any()


@pytest.mark.parametrize("fault", sorted(HOLDING))
def test_after_a_passing_fault_the_arm_goes_on_by_itself(arm: Arm, fault: str) -> None:
    run = Run(arm)
    run.play(("tool", [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]), 30)
    for _ in range(40):
        run.cycle(fault)
    assert not run.layer.sent.any()
    run.cycle("")
    assert run.layer.mode is Mode.ARMED and run.layer.sent.any()


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None, derandomize=True)
def test_a_layer_that_is_not_armed_never_moves(arm: Arm, seed: int) -> None:
    rng, layer = np.random.default_rng(seed), SafetyLayer(LIMITS)
    for index in range(20):
        now, joints = 0.01 * index, rng.uniform(JOINTS.lower, JOINTS.upper)
        verdict = layer.step(now, Wanted(rng.normal(size=7), now), arm.state(joints, now))
        assert not verdict.velocity.any() and not verdict.publish and verdict.mode is Mode.DISARMED
    layer.disarm()
    layer.stop("a person pressed stop")
    assert layer.mode is Mode.DISARMED
    with pytest.raises(SafetyError, match="the emergency stop is engaged"):
        layer.arm(now, arm.state(joints, now, {"estop": True}))
