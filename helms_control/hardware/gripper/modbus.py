"""The 2F-85 over Modbus RTU, on a thread of its own: the control loop never waits for the serial line."""

import logging
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pymodbus import ModbusException
from pymodbus.client import ModbusSerialClient
from pymodbus.framer import FramerRTU

from helms_control.errors import HelmsError
from helms_control.hardware.gripper import registers as reg
from helms_control.hardware.gripper.problems import Problem
from helms_control.hardware.gripper.pursuit import PursuitConfig
from helms_control.hardware.gripper.registers import StatusBytes
from helms_control.hardware.gripper.twofinger import TwoFinger

# Every failed transaction would be written to the console; status and counters say it instead.
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)

FAILURES = 3
"""Exchanges in a row that fail before the port is opened anew."""


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
    timeout_s: float = 0.04
    """Longest wait for an answer, s; a transaction fails after twice this time at the latest."""
    reconnect_s: float = 0.2
    """Pause between two attempts to open the port, s; the first comes at once."""


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
        self._heard, self._in_step = b"", False

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
        """Exchange bytes until closed; a failure costs its own cycle, several in a row cost the connection."""
        failed, reopened = 0, False
        while not self._quit.is_set():
            begun = time.monotonic()
            try:
                self._connect()
                self._exchange()
                self.cycles += 1
                failed, reopened = 0, False
            except (ModbusException, OSError, HelmsError) as error:
                failed, self.failures, self._in_step = failed + 1, self.failures + 1, False
                why = error if isinstance(error, HelmsError) else self._why()
                self.trouble = f"no answer on {self.config.port}: {why}"
                if failed >= FAILURES or not self._client.connected:
                    self._client.close()
                    # At once the first time: the arm stands until it answers again.
                    if reopened:
                        self._quit.wait(self.config.reconnect_s)
                    reopened = True
            self._quit.wait(max(begun + self.config.period_s - time.monotonic(), 0.0))

    def _connect(self) -> None:
        """Open the port if it is closed, and get questions and answers into step.

        Answers carry no number: one that comes now may be the late one to an earlier question. So after every failure
        the first question is one whose answer has another length; with it, everything from before has come, or is lost.
        """
        if not self._client.connected:
            port = Path(self.config.port)
            if not port.exists():
                raise HelmsError(Problem.NO_PORT)
            if not os.access(port, os.R_OK | os.W_OK):
                raise HelmsError(Problem.NO_PERMISSION)
            if not self._client.connect():
                raise HelmsError(Problem.PORT_BUSY)
            self.connections += 1
        if not self._in_step:
            self._read(1)
            self._in_step = True

    def _exchange(self) -> None:
        """Read, decide, write if anything changed."""
        asked = time.monotonic()
        command = self.hear(StatusBytes.of(self._read(reg.REGISTERS)), asked)
        if command is not None:
            self._quit.wait(self.config.gap_s)
            registers, device = command.registers(), self.config.device_id
            answer = self._client.write_registers(reg.COMMAND_ADDRESS, registers, device_id=device)
            if answer.isError():
                raise HelmsError(Problem.REFUSED)

    def _read(self, count: int) -> Sequence[int]:
        """Return so many status registers."""
        device = self.config.device_id
        answer = self._client.read_input_registers(reg.STATUS_ADDRESS, count=count, device_id=device)
        if answer.isError():
            raise HelmsError(Problem.REFUSED)
        if len(answer.registers) != count:
            raise HelmsError(Problem.LATE)
        return answer.registers

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
