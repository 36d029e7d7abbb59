"""The real ROS 1, as Debian and Ubuntu package it: its master, and rospy, in processes of the system's own Python."""

import json
import os
import selectors
import socket
import subprocess
import time
from functools import cache
from pathlib import Path
from typing import IO, Any

from helms_control.errors import HelmsError
from helms_control.hardware.ros1 import rpc
from helms_control.hardware.ros1.typestore import message_type

PYTHON = "/usr/bin/python3"
PEER = Path(__file__).with_name("rospy_peer.py")
PACKAGES = "python3-rosmaster python3-rospy python3-std-msgs python3-std-srvs python3-sensor-msgs python3-geometry-msgs"
NOT_THERE = ("intera_core_msgs", "robotiq_2f_gripper_control")
"""Message packages that the distribution does not have."""
PATIENCE_S = 30.0
"""Longest wait for a process to start or to answer, s."""


@cache
def missing() -> str | None:
    """Return why ROS 1 cannot run here, with what to do about it; None if it can."""
    modules = "rosmaster, rospy, std_msgs, std_srvs, sensor_msgs, geometry_msgs"
    try:
        done = subprocess.run([PYTHON, "-c", f"import {modules}"], capture_output=True, text=True, env=_environment())
        problem = done.stderr.strip().splitlines()[-1:] if done.returncode else None
    except OSError as error:
        problem = [str(error)]
    if problem is None:
        return None
    return (
        f"no ROS 1 of the distribution in {PYTHON} ({' '.join(problem)}); "
        f"install it: sudo apt-get install --no-install-recommends {PACKAGES}"
    )


def free_port() -> int:
    """Return a port of the loopback that nobody listens at."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Rosmaster:
    """A master on the loopback; also a context manager.

    Attributes:
        uri: of the master; it stays over a restart.
    """

    def __init__(self, folder: Path, port: int | None = None) -> None:
        """Start it.

        Args:
            folder: for its log.
            port: to listen at; by default a free one.

        Raises:
            HelmsError: it is not installed, or does not answer.
        """
        if problem := missing():
            raise HelmsError(problem)
        self._folder, self._port = folder, port or free_port()
        self.uri = f"http://127.0.0.1:{self._port}"
        self.start()

    def __enter__(self) -> "Rosmaster":
        """Return the master."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def start(self) -> None:
        """Start it, also once more after `stop`.

        Raises:
            HelmsError: it does not answer.
        """
        command = [PYTHON, "-c", "import rosmaster; rosmaster.rosmaster_main()", "--core", "-p", str(self._port)]
        with (self._folder / "rosmaster.log").open("ab") as log:
            environment = _environment(self.uri, self._folder)
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=self._folder)
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                rpc.call(self.uri, "getPid", "/test", seconds=1.0, limit=65536)
                return
            except HelmsError as error:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    self.stop()
                    raise HelmsError(f"rosmaster does not answer: {error}; see {self._folder}/rosmaster.log") from error
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it, as if it crashed."""
        _end(self._process)

    def ask(self, method: str, *arguments: Any) -> Any:  # noqa: ANN401 - any value
        """Call one of its methods."""
        return rpc.call(self.uri, method, "/test", *arguments, seconds=5.0, limit=1 << 20)


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
                env=_environment(master_uri, folder),
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


def _environment(master_uri: str = "", folder: Path | None = None) -> dict[str, str]:
    """Return an environment without a trace of the virtual environment, or of another ROS."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    place = {"ROS_HOME": str(folder), "ROS_LOG_DIR": str(folder)} if folder else {}
    return kept | place | {"ROS_MASTER_URI": master_uri, "ROS_IP": "127.0.0.1", "PYTHONUNBUFFERED": "1"}


def _end(process: "subprocess.Popen[Any]") -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
