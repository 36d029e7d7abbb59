"""A ROS 1 node that counts what gets through to it, for `ros1_attacks` to be tried on."""

import gc
import sys
import threading
from pathlib import Path
from typing import Any

from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.node import Node
from helms_control.hardware.ros1.typestore import message_type, service_type

COMMAND, SERVICE = "intera_core_msgs/JointCommand", "std_srvs/SetBool"
COMMANDS, STATES, SWITCH = "/commands", "/states", "/switch"
HONEST = "honest"
"""What commands that may come have as `frame_id`; a request that may come is true."""
MASTER_URI = "http://127.0.0.1:9"
"""Nobody is there: what the master would say is said by the test."""
LIMITS = Limits(connect_s=0.5, handshake_s=0.5, stall_s=0.5, retry_s=0.1, refused_s=0.1, message_bytes=1 << 20)


class Target:
    """Takes commands, publishes states, serves a switch.

    Attributes:
        node: the node.
        crashes: what threads of this process raised without anybody catching it.
        honest: commands and requests that came and were meant.
        strange: commands and requests that came and must not have.
    """

    def __init__(self) -> None:
        """Start; exceptions of all threads of this process are gathered until `close`."""
        self.crashes: list[str] = []
        self.honest = self.strange = 0
        self._hooks = threading.excepthook, sys.unraisablehook
        threading.excepthook = lambda told: self.crashes.append(
            f"{told.thread}: {told.exc_type.__name__} {told.exc_value}"
        )
        sys.unraisablehook = lambda told: self.crashes.append(f"{told.object}: {told.exc_value}")
        self.node = Node("/target", MASTER_URI, "127.0.0.1", LIMITS)
        self.node.subscribe(COMMANDS, COMMAND, self._command, queue=1000)
        self.node.serve(SWITCH, SERVICE, self._switch)
        states = self.node.publish(STATES, COMMAND, latch=True)
        states.send(message_type(COMMAND).new(mode=1))

    def close(self) -> None:
        """End the node."""
        self.node.close()
        threading.excepthook, sys.unraisablehook = self._hooks

    def report(self) -> dict[str, Any]:
        """Return what happened so far, and the memory of this process in MB: now, and the most there was."""
        gc.collect()
        lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        now, peak = (int(lines[name].split()[0]) / 1024.0 for name in ("VmRSS", "VmHWM"))
        problems = {str(kind): count for kind, count in self.node.problems.counts.items()}
        return {
            "crashes": list(self.crashes),
            "honest": self.honest,
            "strange": self.strange,
            "memory_mb": now,
            "peak_mb": peak,
            "threads": threading.active_count(),
            "problems": problems,
        }

    def _command(self, message: Any) -> None:  # noqa: ANN401 - a message
        self._count(message.header.frame_id == HONEST)

    def _switch(self, request: Any) -> object:  # noqa: ANN401 - a message
        self._count(request.data)
        return service_type(SERVICE).response.new(success=True)

    def _count(self, honest: bool) -> None:
        if honest:
            self.honest += 1
        else:
            self.strange += 1
