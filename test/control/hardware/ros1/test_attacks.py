"""A node under malformed traffic: it keeps working, and nothing invalid reaches a callback.

`benchmarks/ros1_fuzz.py` does the same for as long as one likes, and watches the memory.
"""

import socket
import struct
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack
from xmlrpc.client import dumps

import pytest

from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.problems import Problem
from helms_control.hardware.ros1.tcpros import encode_header, frame
from test.control.hardware.ros1.conftest import COMMAND, PATIENCE_S, Nodes, wait_for
from test.support.ros1_attacks import Attacker
from test.support.ros1_malformed import HEADER, KIND, http
from test.support.ros1_target import Target

ATTACKS = 60


@pytest.fixture
def target() -> Iterator[Target]:
    made = Target()
    yield made
    made.close()


@pytest.mark.parametrize("seed", range(3))
def test_a_node_survives_and_lets_nothing_through(target: Target, seed: int) -> None:
    attacker = Attacker(target.node.uri, target.node.tcp_port, seed)
    try:
        assert attacker.be_honest() == ""
        for _ in range(ATTACKS):
            attacker.attack()
        assert attacker.be_honest() == ""
        wait_for(lambda: target.honest == 4)
    finally:
        attacker.close()
    assert (target.crashes, target.strange) == ([], 0)
    assert len(attacker.tried) == 6
    for kind in (Problem.MALFORMED, Problem.REFUSED, Problem.UNREACHABLE):
        assert target.node.problems.counts[kind] > 0


def test_what_is_announced_takes_no_memory_until_it_comes(nodes: Nodes) -> None:
    node = nodes.make("/node", Limits())
    node.publish("/x", COMMAND)
    node.serve("/s", "std_srvs/Trigger", print)
    header = encode_header({"service": "/s", "callerid": "/attacker", "md5sum": "*"})
    with ExitStack() as stack:
        tracemalloc.start()
        stack.callback(tracemalloc.stop)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(50):
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", node.tcp_port), PATIENCE_S))
            # As long as is allowed: 200 MB together.
            sock.sendall(header + struct.pack("<I", 4 * 1024 * 1024) + b"x" * 1000)
        wait_for(lambda: len(node._tcp._open) == 50)
        time.sleep(0.2)
        assert tracemalloc.get_traced_memory()[1] - before < 20e6


def test_the_attacks_would_be_noticed(target: Target) -> None:
    """What the fuzzer counts, it can count: a stream that is valid after all gets through as strange."""
    attacker = Attacker(target.node.uri, target.node.tcp_port, 0)
    try:
        false = attacker._false
        answer = dumps(((1, "", ["TCPROS", "127.0.0.1", false.port]),), methodresponse=True).encode()
        false.answer = http(answer, "HTTP/1.0 200 OK")
        false.script = encode_header(HEADER) + frame(bytes(KIND.encode(KIND.new())))
        attacker._update([false.uri])
        wait_for(lambda: target.strange)
    finally:
        attacker.close()
