"""A node in Debian's rospy, driven by a test: it runs `rospy_peer.py` in the system's own Python."""

import json
import selectors
import subprocess
from pathlib import Path
from typing import IO, Any

from helms_control.errors import HelmsError
from helms_control.hardware.ros1.typestore import message_type
from helms_sim.emulation.debian_ros1 import PATIENCE_S, PYTHON, environment, missing

PEER = Path(__file__).with_name("rospy_peer.py")
NOT_THERE = ("intera_core_msgs", "robotiq_2f_gripper_control")
"""Message packages that the distribution does not have."""


class RospyPeer:
    """A node in rospy that does as it is told; also a context manager. `rospy_peer.py` says what it can do."""

    def __init__(self, name: str, master_uri: str, folder: Path) -> None:
        """Start it.

        Args:
            name: of the node.
            master_uri: of the master.
            folder: for its log.

        Raises:
            HelmsError: it is not installed, or does not answer.
        """
        if problem := missing():
            raise HelmsError(problem)
        self._log = folder / f"{name.strip('/')}.log"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [PYTHON, str(PEER), name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment(master_uri, folder),
                cwd=folder,
                text=True,
            )
        self.tell("hello")

    def __enter__(self) -> "RospyPeer":
        """Return the node."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.kill()

    def tell(self, action: str, seconds: float = PATIENCE_S, **arguments: object) -> Any:  # noqa: ANN401 - any value
        """Let it do something and return what it answers.

        Args:
            action: what to do.
            seconds: longest wait, s.
            arguments: for it; a `kind` that the distribution does not have is sent with its definition.

        Raises:
            HelmsError: it failed, or gave no answer.
        """
        kind = str(arguments.get("kind", ""))
        if kind.startswith(NOT_THERE):
            found = message_type(kind)
            arguments |= {"kind": found.name, "definition": found.definition}
        source, sink = _pipes(self._process)
        sink.write(json.dumps({"action": action, **arguments}) + "\n")
        sink.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(source, selectors.EVENT_READ)
            line = source.readline() if selector.select(seconds) else ""
        if not line:
            raise HelmsError(f"the rospy node gave no answer to {action}; see {self._log}")
        answer = json.loads(line)
        if "error" in answer:
            raise HelmsError(f"the rospy node cannot {action}: {answer['error']}")
        return answer["value"]

    def leave(self) -> None:
        """Let it end in good order: it unregisters."""
        self._process.communicate(timeout=PATIENCE_S)

    def kill(self) -> None:
        """Stop it as if it crashed."""
        _end(self._process)


def _pipes(process: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    assert process.stdout is not None and process.stdin is not None
    return process.stdout, process.stdin


def _end(process: "subprocess.Popen[Any]") -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
