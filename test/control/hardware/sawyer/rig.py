"""An ideal robot for the control loop: it follows velocities at once, on a clock that the test advances."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from helms_control.control.kinematics import REFERENCE, Pose
from helms_control.control.quaternion import of_rotation
from helms_control.hardware.gripper.base import GripperStatus
from helms_control.hardware.gripper.registers import ObjectDetection
from helms_control.hardware.sawyer.arm import JointReading
from helms_control.hardware.sawyer.loop import ControlLoop, LoopConfig
from helms_control.hardware.sawyer.outcome import Output
from helms_control.hardware.sawyer.ready import READY
from helms_control.hardware.sawyer.robot_state import Assembly
from helms_control.hardware.sawyer.senses import SensesConfig
from helms_control.hardware.sawyer.wrist import EndpointReading
from helms_control.safety.joints import SAWYER
from helms_control.spec import SPEC

Array = npt.NDArray[np.float64]

PERIOD = 0.01
TICKS = 5
"""Cycles in a control step."""
SENSES = SensesConfig(chain=REFERENCE)
CONFIG = LoopConfig(senses=SENSES, speed_scale=1.0)
POSES = np.array([[0.55, 0.05, 0.08, 1, 0, 0, 0], [0.6, -0.05, 0.08, 1, 0, 0, 0], [0.65, 0.05, 0.08, 1, 0, 0, 0]])
WELL = Assembly(0.0, True, False, False, False, True, 0, 0)


class Rig:
    """A loop, and all that it hears.

    Attributes:
        now: time, s.
        loop: under test.
        joints: (7,) angles of the robot, rad.
        velocity: (7,) that it moves with, rad/s.
        assembly: what it says of its power; its stamp is set when it is said.
        force: (3,) at the wrist, N, base axes.
        collision: what it says of collisions.
        gripper: what the gripper says; likewise.
        silent: what is no longer said: joints, assembly, endpoint, objects, gripper.
        outputs: of every cycle so far, newest last.
    """

    def __init__(self, config: LoopConfig = CONFIG, joints: Array = READY) -> None:
        """Hear everything once, at rest."""
        self.now, self.loop = 100.0, ControlLoop(config)
        self.joints, self.velocity = joints.copy(), np.zeros(7)
        self.assembly, self.force, self.collision = WELL, np.zeros(3), False
        self.gripper = GripperStatus(0.0, 10.0, 0.0, ObjectDetection.AT_REQUEST, 0.0, True, "")
        self.silent: set[str] = set()
        self.outputs: list[Output] = []
        self.loop.use_limits(SAWYER)
        self.say()

    @property
    def pose(self) -> Pose:
        """Where the robot's tool is."""
        return REFERENCE.pose(self.joints)

    def say(self) -> None:
        """Let the loop hear everything that is not silent."""
        senses, now, nan = self.loop.senses, self.now, np.isnan(self.joints).any()
        if "joints" not in self.silent:
            senses.joints = JointReading(now, self.joints.copy(), self.velocity.copy(), np.zeros(7))
            senses.gravity = np.zeros(7)
        if "assembly" not in self.silent:
            senses.assembly = replace(self.assembly, stamp=now)
        if "endpoint" not in self.silent and not nan:
            pose = self.pose
            orientation = of_rotation(pose.rotation)
            senses.hear_endpoint(EndpointReading(now, pose.wrist, orientation, self.force, np.zeros(3)))
        if "objects" not in self.silent:
            for index, numbers in enumerate(POSES):
                senses.objects.see(index, numbers, "base", now)
        if "gripper" not in self.silent:
            senses.gripper = replace(self.gripper, stamp=now)
        senses.collision = self.collision

    def cycle(self, count: int = 1) -> Output:
        """Let cycles pass; the robot moves as it is told and returns the newest output."""
        for _ in range(count):
            self.now += PERIOD
            self.say()
            output = self.loop.cycle(self.now)
            self.outputs.append(output)
            self.velocity = np.zeros(7) if output.velocity is None else output.velocity
            self.joints = self.joints + PERIOD * self.velocity
        return output

    def episode(self) -> None:
        """Arm and begin an episode."""
        self.loop.arm(self.now)
        self.cycle()
        self.loop.begin()

    def offer(self, action: npt.ArrayLike, ahead: int = 0) -> None:
        """Answer the present step."""
        steps = self.loop.steps
        self.loop.offer(self.now, steps.episode, steps.step + ahead, SPEC.hash, action)

    def step(self, action: npt.ArrayLike | None) -> tuple[str, Array]:
        """Run one control step, with an action or without; return held and velocity of its command."""
        if action is not None:
            self.offer(action)
        self.cycle(TICKS)
        told = self.loop.tick()
        assert told is not None
        return told[0].held, told[0].velocity

    def moving(self) -> Array:
        """Return an action that is being carried out, after it has come up to speed."""
        action = np.array([0.6, 0.4, -0.5, 0.3, 1.0])
        self.episode()
        for _ in range(4):
            self.step(action)
        assert np.linalg.norm(self.velocity) > 0.02
        return action
