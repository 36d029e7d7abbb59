"""An emulated Sawyer with its gripper: the cell in real time behind ROS 1 topics and a serial port."""

import math
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

import numpy as np

from helms_control.errors import HelmsError
from helms_control.hardware.ros1.node import Node
from helms_sim.emulation import cable
from helms_sim.emulation.arm import SUBSTEP_S, EmulatedArm
from helms_sim.emulation.faults import Fault, Faults
from helms_sim.emulation.firmware import firmware_of
from helms_sim.emulation.intera import OBJECTS_HZ, STATE_HZ, Instant, Voice, describe, power_of
from helms_sim.emulation.look import Look, look_at
from helms_sim.emulation.modbus import GripperServer
from helms_sim.emulation.orders import Orders
from helms_sim.emulation.pace import Pace
from helms_sim.emulation.readings import Instruments
from helms_sim.emulation.robotiq import GripperTopics
from helms_sim.emulation.state import State
from helms_sim.env import StackEnv

NODE = "/emulated_sawyer"
GRIPPER_HZ = 50.0
"""Rate of the gripper's status on its topic."""
LONGEST_JUMP_S = 0.05
"""Longest time that is simulated at once, s; longer delays of the loop are skipped."""


@dataclass(frozen=True)
class SawyerConfig:
    """Configuration of an emulated Sawyer.

    Raises:
        HelmsError: an unknown firmware, or a speed that is not positive.
    """

    master_uri: str = "http://127.0.0.1:11311"
    """URI of the ROS 1 master."""
    host: str | None = None
    """Address of this machine for other nodes; by default that of the route to the master."""
    task: str = "red_on_blue"
    """Task, for success."""
    object_set: int | str = 4
    """As for `StackEnv`."""
    randomisation: str = "off"
    """Randomisation of start and physics; sensors have no noise, and commands no delay."""
    seed: int = 1
    """Seed of the first episode."""
    firmware: str = "5.3"
    """A name in `firmware.FIRMWARES`."""
    speed: float = 1.0
    """Simulated seconds per second; timeouts and rates are in simulated time."""

    def __post_init__(self) -> None:
        """Check the values."""
        firmware_of(self.firmware)
        if not 0.0 < self.speed < math.inf:
            raise HelmsError(f"the emulation's speed must be a positive number, got {self.speed!r}")


class EmulatedSawyer:
    """An emulated robot on threads of its own; also a context manager.

    Every method may be called from any thread.

    Attributes:
        config: as given.
        gripper_port: serial port of the gripper.
        cable: of the gripper; its faults are those of `Cable`.
        pace: of the loop, with the lateness of its cycles, simulated s.
        left_out_s: skipped time, s.
    """

    def __init__(self, config: SawyerConfig, folder: Path | None = None) -> None:
        """Begin the first episode, and start.

        Args:
            config: what is emulated.
            folder: gets a link to the gripper's port; by default a temporary folder.

        Raises:
            HelmsError: an unknown task, object set or randomisation.
            UnreachableError: there is no master.
        """
        self.config, self._firmware = config, firmware_of(config.firmware)
        env = StackEnv(config.task, config.object_set, randomisation=config.randomisation)
        self._arm = EmulatedArm(env, config.seed)
        self._instruments = Instruments(self._arm.cell)
        self._faults = Faults(self._arm)
        self._lock, self._quit, self._begun = threading.Lock(), threading.Event(), time.monotonic()
        self._orders = Orders(self._arm, self._faults, self._lock, self.now)
        self._failure: HelmsError | None = None
        self._node, self._voice, self._fingers = self._connect()
        self._folder = tempfile.TemporaryDirectory(prefix="helms_sawyer_") if folder is None else None
        self.cable = cable.Cable(Path(self._folder.name) if self._folder else folder or Path())
        self.gripper_port = self.cable.host_port
        self._server = GripperServer(self._arm.gripper, self.cable.device_port)
        # Time starts here, after the set-up.
        self._simulated, self.left_out_s = self.now(), 0.0
        self.pace = Pace(self._simulated)
        self._thread = threading.Thread(target=self._run, name="emulated sawyer", daemon=True)
        self._thread.start()

    def __enter__(self) -> "EmulatedSawyer":
        """Return it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    @property
    def names(self) -> tuple[str, str, str]:
        """Names of the red, green and blue object."""
        return self._arm.env.episode.names

    @property
    def failure(self) -> HelmsError | None:
        """Error that ended the loop; None while it runs."""
        return self._failure

    def now(self) -> float:
        """Return the emulation's time, s since its start."""
        return (time.monotonic() - self._begun) * self.config.speed

    def look(self) -> Look:
        """Return the current true state."""
        with self._lock:
            return look_at(self._arm, self._simulated)

    def heard(self, topic: str) -> int:
        """Return the number of processed messages on a topic."""
        with self._lock:
            return self._orders.heard[topic]

    def state(self) -> State:
        """Return MuJoCo's state."""
        with self._lock:
            arm, data = self._arm, self._arm.cell.data
            numbers = (data.qpos.copy(), data.qvel.copy(), data.act.copy(), data.ctrl.copy())
            return State(arm.env.config, arm.seed, *numbers, holds=arm.gripper.holds)

    def reset(self, seed: int, arm: bool = True, **options: object) -> Look:
        """Begin another episode; power, modes, faults and the gripper's registers stay as they are.

        Args:
            seed: as for `StackEnv.reset`.
            arm: whether arm and fingers jump to the episode's start, too, or only the objects are placed.
            options: `task`, `object_set` and `randomisation` from this episode on.

        Returns:
            The true state at its start.

        Raises:
            HelmsError: a seed or an option that does not exist; nothing has changed.
        """
        with self._lock:
            self._arm.reset(seed, options, arm)
            self._instruments = Instruments(self._arm.cell)
            return look_at(self._arm, self._simulated)

    def inject(self, fault: Fault, value: float | None = None) -> None:
        """Inject a fault.

        Args:
            fault: the fault.
            value: s for `CLOCK`, Hz for `RATE`, code for `GRIPPER`.

        Raises:
            HelmsError: a value for a fault that has none, a rate that is not positive, or a code that does not exist.
        """
        with self._lock:
            self._faults.inject(fault, value)
        if fault is Fault.LINKS:
            self._node.close()
        elif fault is Fault.SERIAL:
            self.cable.fault = cable.Fault.SILENT
        elif fault is Fault.UNPLUGGED:
            self.cable.unplug()

    def clear(self, fault: Fault) -> None:
        """Remove a fault, if it is active."""
        with self._lock:
            active = self._faults.has(fault)
            self._faults.clear(fault)
            if fault is Fault.STALL:
                self._orders.resume()
        if fault is Fault.LINKS and active:
            self._node, self._voice, self._fingers = self._connect()
        elif fault is Fault.SERIAL:
            self.cable.fault = cable.Fault.NONE
        elif fault is Fault.UNPLUGGED:
            self.cable.plug()

    def close(self) -> None:
        """Stop the threads and close all links."""
        self._quit.set()
        self._thread.join()
        self._node.close()
        self._server.close()
        self.cable.close()
        self._arm.env.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _connect(self) -> tuple[Node, Voice, GripperTopics]:
        node, limits = Node(NODE, self.config.master_uri, self.config.host), self._arm.controller.limits
        try:
            describe(node.parameters, self._firmware, limits)
            voice = Voice(node, self._firmware, limits)
            self._orders.listen(node)
            fingers = GripperTopics(node, self._arm.gripper)
        except HelmsError:
            node.close()
            raise
        return node, voice, fingers

    def _run(self) -> None:
        pace, speed = self.pace, self.config.speed
        while not self._quit.wait(pace.wait_s(self.now()) / speed):
            now, faults = self.now(), self._faults
            joints_hz = faults.active.get(Fault.RATE, self._orders.joint_states_hz)
            rates = {"joints": joints_hz, "state": STATE_HZ, "objects": OBJECTS_HZ, "gripper": GRIPPER_HZ}
            jobs = pace.begin(now, rates)
            try:
                with self._lock:
                    instant = self._advance(now)
            except HelmsError as error:
                self._failure = error
                return
            voice = self._voice
            voice.offset_s = faults.active.get(Fault.CLOCK, 0.0)
            if faults.has(Fault.STALL) or faults.has(Fault.LINKS):
                continue
            if faults.has(Fault.MUTE):
                jobs = [job for job in jobs if job != "state"]
            for job in jobs:
                self._fingers.say() if job == "gripper" else voice.say(job, instant)

    def _advance(self, now: float) -> Instant:
        """Simulate up to now, and read."""
        behind = now - self._simulated
        if behind > LONGEST_JUMP_S:
            self.left_out_s += behind - LONGEST_JUMP_S
            self._simulated = now - LONGEST_JUMP_S
        substeps = math.floor((now - self._simulated) / SUBSTEP_S)
        if substeps:
            self._arm.advance(self._simulated, substeps)
            self._simulated += substeps * SUBSTEP_S
        reading = self._instruments.read()
        if self._faults.has(Fault.NAN):
            reading = replace(reading, joints=np.where(np.arange(7) == 3, np.nan, reading.joints))
        collision = self._faults.has(Fault.COLLISION)
        return Instant(reading, self._arm.objects(), collision, power_of(self._arm.assembly))
