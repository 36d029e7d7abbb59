"""An emulated gripper, its cable, and the real client: pymodbus on both sides, pseudo-terminals between."""

import time
from collections.abc import Callable
from typing import NamedTuple

from helms_control.hardware.gripper.base import GripperStatus
from helms_control.hardware.gripper.modbus import ModbusGripper
from helms_sim.emulation.cable import Cable
from helms_sim.emulation.gripper import EmulatedGripper
from helms_sim.emulation.modbus import GripperServer

PATIENCE_S = 20.0


class Rig(NamedTuple):
    """A gripper, its cable, and the client at the other end."""

    device: EmulatedGripper
    server: GripperServer
    cable: Cable
    client: ModbusGripper

    def status(self) -> GripperStatus:
        """Return the newest status, which must exist."""
        status = self.client.status()
        assert status is not None
        return status

    def drive(self, speed: float, until: Callable[[], bool]) -> None:
        """Repeat a command until something is so."""

        def told() -> bool:
            self.client.command(speed)
            return until()

        wait_for(told)

    def fresh(self) -> bool:
        """Whether the client's status is fresh now."""
        return self.client.fresh(time.monotonic())


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)
