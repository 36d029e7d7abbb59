"""The ROS 1 master of Debian and Ubuntu, in a process of the system's own Python."""

import os
import socket
import subprocess
import time
from functools import cache
from pathlib import Path
from typing import Any

from helms_control.errors import HelmsError
from helms_control.hardware.ros1 import rpc

PYTHON = "/usr/bin/python3"
PACKAGES = "python3-rosmaster python3-rospy python3-std-msgs python3-std-srvs python3-sensor-msgs python3-geometry-msgs"
PATIENCE_S = 30.0
"""Longest wait for a process to start or to answer, s."""


@cache
def missing() -> str | None:
    """Return why ROS 1 cannot run here, with what to do about it; None if it can."""
    modules = "rosmaster, rospy, std_msgs, std_srvs, sensor_msgs, geometry_msgs"
    try:
        done = subprocess.run([PYTHON, "-c", f"import {modules}"], capture_output=True, text=True, env=environment())
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
    """Return a free port of the loopback."""
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
        """Start it, also again after `stop`.

        Raises:
            HelmsError: it does not answer.
        """
        command = [PYTHON, "-c", "import rosmaster; rosmaster.rosmaster_main()", "--core", "-p", str(self._port)]
        with (self._folder / "rosmaster.log").open("ab") as log:
            around = environment(self.uri, self._folder)
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=around, cwd=self._folder)
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
        """Kill it."""
        self._process.kill()
        self._process.wait()

    def ask(self, method: str, *arguments: Any) -> Any:  # noqa: ANN401 - any value
        """Call one of its methods."""
        return rpc.call(self.uri, method, "/test", *arguments, seconds=5.0, limit=1 << 20)


def environment(master_uri: str = "", folder: Path | None = None) -> dict[str, str]:
    """Return environment variables without those of the virtual environment and of another ROS."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    place = {"ROS_HOME": str(folder), "ROS_LOG_DIR": str(folder)} if folder else {}
    return kept | place | {"ROS_MASTER_URI": master_uri, "ROS_IP": "127.0.0.1", "PYTHONUNBUFFERED": "1"}
