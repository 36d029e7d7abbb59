"""Teleoperation on a live graph: gamepad messages, and key presses in a pseudo-terminal."""

import os
import pty
import subprocess
import sys

import pytest
from sensor_msgs.msg import Joy

from helms_control.graph import GraphSettings, describe
from helms_control.graph.processes import ProcessGraph
from helms_control.nodes import qos
from test.graph.conftest import Listener


def test_a_gamepad_moves_the_arm_and_letting_go_stops_it(domain: int, listener: Listener) -> None:
    with ProcessGraph(describe(GraphSettings("joy")), domain) as graph:
        joy = listener.node.create_publisher(Joy, "joy", qos.PATH)

        def push() -> bool:
            joy.publish(Joy(axes=[0.0, 1.0, 0.0, 0.0, 0.0], buttons=[0, 0]))
            return bool(listener.messages("commanded")) and listener.messages("commanded")[-1].velocity[0] > 0.069

        assert listener.wait(push), graph.log("teleop")
        assert listener.wait(lambda: not listener.messages("commanded")[-1].velocity.any(), 2.0)
        assert listener.messages("commanded")[-1].held == ""


def test_keys_in_a_terminal_move_the_arm(domain: int, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROS_DOMAIN_ID", str(domain))
    others = [spec for spec in describe(GraphSettings("keyboard")) if spec.name != "teleop"]
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "helms_control.nodes", "teleop", "--ros-args", "-p", "autostart:=true"]
    teleop = subprocess.Popen(command, stdin=theirs, stderr=subprocess.DEVNULL)
    try:
        with ProcessGraph(others, domain):

            def press() -> bool:
                os.write(ours, b"r")
                return bool(listener.messages("commanded")) and listener.messages("commanded")[-1].velocity[2] > 0.069

            assert listener.wait(press)
            os.write(ours, b" ")
            assert listener.wait(lambda: not listener.messages("commanded")[-1].velocity.any(), 2.0)
            os.write(ours, b"\x1b")
            assert teleop.wait(10.0) == 0
    finally:
        teleop.kill()
        teleop.wait()
        os.close(ours)
        os.close(theirs)


def test_without_a_terminal_the_keyboard_is_refused(domain: int, listener: Listener) -> None:
    spec = [spec for spec in describe(GraphSettings("keyboard")) if spec.name == "teleop"]
    with ProcessGraph(spec, domain) as graph:
        assert listener.wait(lambda: "its standard input is no terminal" in graph.log("teleop"))
