"""Register bytes of the 2F-85 against the manual's example."""

import pytest
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.register_message import WriteMultipleRegistersRequest

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.problems import FAULTS, Problem
from helms_control.hardware.gripper.registers import (
    COMMAND_ADDRESS,
    DEVICE_ID,
    CommandBytes,
    ObjectDetection,
    StatusBytes,
)


def test_opening_at_full_speed_is_the_frame_of_the_manual() -> None:
    request = WriteMultipleRegistersRequest(
        address=COMMAND_ADDRESS,
        registers=CommandBytes(True, True, 0, 255, 255).registers(),
        dev_id=DEVICE_ID,
    )
    assert FramerRTU(DecodePDU(False)).buildFrame(request).hex() == "091003e8000306090000 00ffff7219".replace(" ", "")


def test_clearing_the_activation_clears_everything() -> None:
    assert CommandBytes(activate=False).registers() == [0, 0, 0]


@pytest.mark.parametrize("name", ["position", "speed", "force"])
@pytest.mark.parametrize("value", [-1, 256])
def test_what_is_no_byte_is_refused(name: str, value: int) -> None:
    with pytest.raises(HelmsError, match=f"gripper {name} must be from 0 to 255, got {value}"):
        CommandBytes(True, True, **{name: value})


def test_a_status_is_taken_apart() -> None:
    # gOBJ 2, gSTA 3, gGTO 1, gACT 1: 10 11 1 00 1; no fault, echo 0xFF, position 0xBD, current 0x0A.
    status = StatusBytes.of([0b10111001 << 8, 0x00FF, 0xBD0A])
    assert status == StatusBytes(True, True, 3, ObjectDetection.STOPPED_CLOSING, 0, 255, 0xBD, 0.1)
    assert status.ready and status.problem == ""


@pytest.mark.parametrize(
    ("flags", "fault", "problem"),
    [
        (0b00110001, 0, ""),
        (0b00110001, 9, Problem.NO_COMMUNICATION),
        (0b00110000, 0, Problem.NOT_ACTIVATED),
        (0b00110000, 9, Problem.NOT_ACTIVATED),
        (0b00010001, 0, Problem.ACTIVATING),
        (0b00000001, 0x0F, Problem.RELEASED),
        *[(0b00110001, code, message) for code, message in FAULTS.items() if code not in (0, 9)],
        (0b00110001, 3, Problem.UNKNOWN.replace("NN", "03")),
    ],
)
def test_only_an_activated_gripper_without_a_fault_that_stops_it_is_ready(flags: int, fault: int, problem: str) -> None:
    status = StatusBytes.of([flags << 8, fault << 8, 0])
    assert status.problem == problem and status.ready == (problem in ("", Problem.NO_COMMUNICATION))


def test_the_message_of_a_fault_names_its_code() -> None:
    assert all(f"fault 0x{code:02X}" in message for code, message in FAULTS.items() if code)


@pytest.mark.parametrize("registers", [[], [0, 0], [0, 0, 70000]])
def test_an_answer_of_another_form_is_refused(registers: list[int]) -> None:
    with pytest.raises(HelmsError, match="3 registers of 16 bits"):
        StatusBytes.of(registers)
