"""Fixtures: an emulated 2F-85 on a serial line and its client, powered, and activated."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from helms_control.hardware.gripper.modbus import ModbusConfig, ModbusGripper
from helms_sim.emulation.cable import Cable
from helms_sim.emulation.gripper import EmulatedGripper
from helms_sim.emulation.modbus import GripperServer
from test.control.hardware.gripper.rig import PATIENCE_S, Rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    cable, device = Cable(tmp_path), EmulatedGripper()
    server = GripperServer(device, cable.device_port)
    client = ModbusGripper(ModbusConfig(cable.host_port))
    client.start()
    yield Rig(device, server, cable, client)
    client.close()
    server.close()
    cable.close()


@pytest.fixture
def active(rig: Rig) -> Rig:
    rig.client.activate(PATIENCE_S)
    return rig
