"""The 2F-85 over Modbus RTU, on a thread of its own: the control loop never waits for the serial line."""

import logging
import threading
import time
from dataclasses import dataclass

from pymodbus import ModbusException
from pymodbus.client import ModbusSerialClient

from helms_control.errors import HelmsError
from helms_control.hardware.gripper import registers as reg
from helms_control.hardware.gripper.base import GripperStatus
from helms_control.hardware.gripper.pursuit import Pursuit, PursuitConfig, status_of
from helms_control.hardware.gripper.registers import CommandBytes, StatusBytes

# Every failed transaction would be written to the console; status and counters say it instead.
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)

FAILURES = 3
"""Transactions in a row that fail before the port is opened anew."""


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
    """Pause between two attempts to open the port, s; the first comes at once."""


class ModbusGripper:
    """A `Gripper` on a serial port.

    Attributes:
        config: as given.
        cycles: exchanges that succeeded.
        failures: transactions that failed.
        connections: times that the port was opened.
    """

    def __init__(self, config: ModbusConfig) -> None:
        """Prepare everything; nothing is opened yet."""
        self.config = config
        self.cycles = self.failures = self.connections = 0
        self._client = ModbusSerialClient(
            config.port, baudrate=config.baudrate, timeout=config.timeout_s, retries=0, name="gripper"
        )
        self._pursuit = Pursuit(config)
        # Each is replaced whole by one thread and read by the other: no lock, nobody waits.
        self._status: GripperStatus | None = None
        self._problem = "not connected yet"
        self._activate = threading.Event()
        self._quit = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gripper", daemon=True)
        self._following = False
        self._written: CommandBytes | None = None

    def start(self) -> None:
        """Open the port and keep talking to the gripper in the background; returns at once."""
        self._thread.start()

    def activate(self, timeout_s: float = 10.0) -> None:
        """See `Gripper.activate`; a gripper that is ready stays as it is.

        Raises:
            HelmsError: it did not become ready in time.
        """
        deadline = time.monotonic() + timeout_s
        while not self._is_ready(time.monotonic()):
            self._activate.set()
            if time.monotonic() >= deadline or self._quit.wait(self.config.period_s):
                self._activate.clear()
                raise HelmsError(
                    f"the gripper on {self.config.port} was not ready after {timeout_s:g} s: {self.problem()}. "
                    "Check its power supply and cable, and that nothing blocks the fingers."
                )

    def command(self, speed: float) -> None:
        """See `Gripper.command`; only the sign of the speed counts, as in the simulated cell."""
        self._pursuit.command(speed, time.monotonic())

    def status(self) -> GripperStatus | None:
        """See `Gripper.status`."""
        return self._status

    def fresh(self, now: float) -> bool:
        """See `Gripper.fresh`."""
        status = self._status
        return status is not None and now - status.stamp <= self.config.stale_s

    def problem(self) -> str:
        """Say what is wrong with connection or gripper; empty if nothing is."""
        return self._problem

    def close(self) -> None:
        """See `Gripper.close`; waits for the running transaction at most."""
        self._quit.set()
        if self._thread.is_alive():
            self._thread.join()
        self._client.close()

    def _is_ready(self, now: float) -> bool:
        status = self._status
        return status is not None and status.ready and self.fresh(now)

    def _run(self) -> None:
        """Exchange bytes until told to end; a failure costs its own cycle, several cost the connection."""
        failed, reopened = 0, False
        while not self._quit.is_set():
            begun = time.monotonic()
            try:
                self._connect()
                self._exchange()
                failed, reopened = 0, False
            except (ModbusException, OSError, HelmsError) as error:
                failed += 1
                self.failures += 1
                self._problem = f"no answer on {self.config.port}: {error}"
                self._written = None
                if failed >= FAILURES or not self._client.connected:
                    self._client.close()
                    # At once the first time: the arm stands until it answers again.
                    if reopened:
                        self._quit.wait(self.config.reconnect_s)
                    reopened = True
            self._quit.wait(max(begun + self.config.period_s - time.monotonic(), 0.0))

    def _connect(self) -> None:
        if self._client.connected:
            return
        if not self._client.connect():
            raise HelmsError("the port cannot be opened")
        self.connections += 1
        self._pursuit.forget()

    def _exchange(self) -> None:
        """Read, decide, write if anything changed."""
        answer = self._client.read_input_registers(
            reg.STATUS_ADDRESS, count=reg.REGISTERS, device_id=self.config.device_id
        )
        if answer.isError():
            raise HelmsError(f"the gripper refused to be read: {answer}")
        now = time.monotonic()
        read = StatusBytes.of(answer.registers)
        self._status = status_of(read, now, self._status, self.config.calibration, self._activate.is_set())
        self._problem = self._status.problem
        if read.ready:
            self._activate.clear()
            self._following = True
            self._write(self._pursuit.follow(read, now))
        elif self._activate.is_set():
            # The bit must fall before it rises: a gripper that lost its power kept neither.
            self._pursuit.forget()
            self._following = False
            self._write(CommandBytes(activate=False) if self._written is None else CommandBytes(activate=True))
        else:
            self._pursuit.forget()
            self._let_go()
        self.cycles += 1

    def _let_go(self) -> None:
        """After a loss of activation, see to it that nothing activates the gripper but `activate`.

        A write that was under way while it lost its power would do that, and the fingers would run over their stroke.
        """
        if self._following:
            self._write(CommandBytes(activate=False))
            self._following = False
        self._written = None

    def _write(self, command: CommandBytes) -> None:
        if command == self._written:
            return
        self._quit.wait(self.config.gap_s)
        answer = self._client.write_registers(reg.COMMAND_ADDRESS, command.registers(), device_id=self.config.device_id)
        if answer.isError():
            raise HelmsError(f"the gripper refused to be written: {answer}")
        self._written = command
