"""The 2F-85 over Modbus RTU, on a thread of its own: the control loop never waits for the serial line."""

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pymodbus import ModbusException
from pymodbus.client import ModbusSerialClient
from pymodbus.framer import FramerRTU
from pymodbus.pdu import ModbusPDU

from helms_control.errors import HelmsError
from helms_control.hardware.gripper import registers as reg
from helms_control.hardware.gripper.problems import Problem
from helms_control.hardware.gripper.pursuit import PursuitConfig
from helms_control.hardware.gripper.registers import StatusBytes
from helms_control.hardware.gripper.twofinger import TwoFinger

# Every failed transaction would be written to the console; status and counters say it instead.
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)

FAILURES = 3
"""Questions without an answer, since the port was opened, before it is opened anew."""


@dataclass(frozen=True)
class ModbusConfig(PursuitConfig):
    """Where the gripper is and how it is spoken to; see `PursuitConfig`."""

    port: str
    """Serial port, best by its name below /dev/serial/by-id, which survives unplugging."""
    device_id: int = reg.DEVICE_ID
    """Modbus address."""
    baudrate: int = reg.BAUDRATE
    """Bits per second; 8 data bits, no parity, 1 stop bit."""
    period_s: float = 0.02
    """Period of the exchange, s: one reading, one write if anything changed."""
    gap_s: float = 0.005
    """Pause between two transactions, s (Robotiq's manual)."""
    timeout_s: float = 0.03
    """Longest wait for an answer, s; a transaction fails after twice this time at the latest."""
    reconnect_s: float = 0.2
    """Pause before the port is opened anew, s."""


class ModbusGripper(TwoFinger):
    """A `Gripper` on a serial port.

    Attributes:
        config: as given.
        cycles: exchanges that succeeded.
        failures: exchanges that failed.
        connections: times that the port was opened.
    """

    def __init__(self, config: ModbusConfig) -> None:
        """Prepare everything; nothing is opened yet."""
        super().__init__(config, time.monotonic)
        self.config = config
        self.cycles = self.failures = self.connections = 0
        self._client = ModbusSerialClient(
            config.port,
            baudrate=config.baudrate,
            timeout=config.timeout_s,
            retries=0,
            name="gripper",
            trace_packet=self._trace,
        )
        self._thread = threading.Thread(target=self._run, name="gripper", daemon=True)
        self._unanswered: list[float] = []
        self._heard, self._proven = b"", False

    def start(self) -> None:
        """Open the port and keep talking to the gripper in the background; returns at once."""
        self._thread.start()

    def close(self) -> None:
        """See `Gripper.close`; waits for the running transaction at most."""
        self._quit.set()
        if self._thread.is_alive():
            self._thread.join()
        self._client.close()

    def _run(self) -> None:
        """Exchange bytes until closed; a failure costs its own cycle, several cost the connection."""
        while not self._quit.is_set():
            begun = time.monotonic()
            try:
                self._connect()
                self._exchange()
                self.cycles += 1
            except (ModbusException, OSError, HelmsError) as error:
                self.failures += 1
                why = error if isinstance(error, HelmsError) else self._why()
                self.trouble = f"no answer on {self.config.port}: {why}"
                if len(self._unanswered) >= FAILURES or not (self._proven and self._client.connected):
                    self._drop()
            self._quit.wait(max(begun + self.config.period_s - time.monotonic(), 0.0))

    def _connect(self) -> None:
        """Open the port, unless it is open, and prove that answers belong to their questions."""
        if self._proven:
            return
        port = Path(self.config.port)
        if not port.exists():
            raise HelmsError(Problem.NO_PORT)
        if not os.access(port, os.R_OK | os.W_OK):
            raise HelmsError(Problem.NO_PERMISSION)
        if not self._client.connect():
            raise HelmsError(Problem.PORT_BUSY)
        self.connections += 1
        # Of another length than every other answer: none that is late, from before, is taken for this one.
        self._read(1)
        self._proven = True

    def _drop(self) -> None:
        """Close the port, and wait before it is opened anew."""
        self._client.close()
        self._proven = False
        self._unanswered.clear()
        self._quit.wait(self.config.reconnect_s)

    def _exchange(self) -> None:
        """Read, decide, write if anything changed."""
        asked, registers = self._read(reg.REGISTERS)
        command = self.hear(StatusBytes.of(registers), asked)
        if command is not None:
            self._quit.wait(self.config.gap_s)
            device = self.config.device_id
            self._ask(lambda: self._client.write_registers(reg.COMMAND_ADDRESS, command.registers(), device_id=device))

    def _read(self, count: int) -> tuple[float, Sequence[int]]:
        """Return when so many status registers were asked for, s, and the registers."""
        device = self.config.device_id
        asked, answer = self._ask(
            lambda: self._client.read_input_registers(reg.STATUS_ADDRESS, count=count, device_id=device)
        )
        if len(answer.registers) != count:
            raise HelmsError(Problem.REFUSED)
        return asked, answer.registers

    def _ask(self, question: Callable[[], ModbusPDU]) -> tuple[float, ModbusPDU]:
        """Return an answer, and when its question was asked, s.

        Answers carry no number: one that comes now may be the late one to an earlier question, so it counts from the
        oldest that is open. A status is never taken for younger than it is.
        """
        self._unanswered.append(time.monotonic())
        answer = question()
        asked = self._unanswered.pop(0)
        if answer.isError():
            raise HelmsError(Problem.REFUSED)
        return asked, answer

    def _trace(self, sending: bool, data: bytes) -> bytes:
        """Keep what came in since the newest question, for `_why`."""
        self._heard = b"" if sending else data
        return data

    def _why(self) -> Problem:
        """Return what is wrong with the bytes that came in."""
        heard = self._heard
        if not heard:
            return Problem.SILENT
        sound = len(heard) > 3 and FramerRTU.check_CRC(heard[:-2], int.from_bytes(heard[-2:]))
        return Problem.OTHER_DEVICE if sound and heard[0] != self.config.device_id else Problem.DAMAGED
