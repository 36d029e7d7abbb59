"""The emulated gripper behind pymodbus' own server: real frames on a real (pseudo-)terminal."""

import asyncio
import threading
import time

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from helms_control.hardware.gripper import registers as reg
from helms_sim.emulation.gripper import EmulatedGripper

WRITE = 16
READ = 4


class GripperServer:
    """Serves an emulated gripper on a serial port, on a thread of its own, until it is closed.

    Attributes:
        gripper: the emulated device; tests may change it at any time.
        writes: command writes received.
        reads: status readings served.
    """

    def __init__(self, gripper: EmulatedGripper, port: str) -> None:
        """Serve `gripper` on `port`; returns once it listens."""
        self.gripper, self.writes, self.reads = gripper, 0, 0
        self._port, self._listening = port, threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)
        self._thread.start()
        if not self._listening.wait(5.0):
            raise TimeoutError(f"the emulated gripper does not listen on {port}")

    def close(self) -> None:
        """End the server."""
        asyncio.run_coroutine_threadsafe(self._server.shutdown(), self._loop).result(5.0)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> None:
        # One block for everything: addresses in between do not exist.
        device = SimDevice(
            id=reg.DEVICE_ID,
            simdata=[
                SimData(reg.COMMAND_ADDRESS, count=reg.REGISTERS, values=0, datatype=DataType.REGISTERS),
                SimData(reg.STATUS_ADDRESS, count=reg.REGISTERS, values=0, datatype=DataType.REGISTERS),
            ],
            action=self._act,
        )
        self._server = ModbusSerialServer(device, port=self._port, baudrate=reg.BAUDRATE, ignore_missing_devices=True)
        await self._server.serve_forever(background=True)
        self._listening.set()
        await self._server.serving

    async def _act(
        self,
        function: int,
        start: int,
        address: int,
        count: int,
        registers: list[int],
        values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """Pass a request on to the gripper before the server answers it."""
        now = time.monotonic()
        if function == WRITE and address == reg.COMMAND_ADDRESS and values is not None:
            self.writes += 1
            self.gripper.write([int(value) for value in values], now)
        elif function == READ and address == reg.STATUS_ADDRESS:
            self.reads += 1
            offset = reg.STATUS_ADDRESS - start
            registers[offset : offset + reg.REGISTERS] = self.gripper.read(now)
        return None
