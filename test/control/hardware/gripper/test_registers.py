"""The bytes of the 2F-85, against the manual's own example."""

import pytest
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.register_message import WriteMultipleRegistersRequest

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.registers import (
    COMMAND_ADDRESS,
    DEVICE_ID,
    FAULTS,
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
    assert status.ready and status.fault_text() == ""


@pytest.mark.parametrize(
    ("flags", "fault", "ready"),
    [
        (0b00110001, 0, True),
        (0b00110001, 7, True),
        (0b00110001, 0x0A, False),
        (0b00110000, 0, False),
        (0b00010001, 0, False),
    ],
)
def test_ready_means_activated_without_a_grave_fault(flags: int, fault: int, ready: bool) -> None:
    assert StatusBytes.of([flags << 8, fault << 8, 0]).ready is ready


def test_every_fault_has_words_and_unknown_ones_a_number() -> None:
    assert all(FAULTS[code] for code in FAULTS if code)
    assert "cooled" in StatusBytes.of([0, 0x0800, 0]).fault_text()
    assert StatusBytes.of([0, 0x0300, 0]).fault_text() == "unknown fault 0x03"


@pytest.mark.parametrize("registers", [[], [0, 0], [0, 0, 70000]])
def test_an_answer_of_another_form_is_refused(registers: list[int]) -> None:
    with pytest.raises(HelmsError, match="3 registers of 16 bits"):
        StatusBytes.of(registers)
