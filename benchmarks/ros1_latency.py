"""Print the latency of messages between this package's ROS 1 node and rospy, in all four pairs, microseconds.

    python -m benchmarks.ros1_latency [--count 1000] [--rate 100]

A client sends joint commands at a fixed rate; an echo in another process returns each with its times of arrival and
departure. `out`: from the client's send() to the echo's callback; `back`: from there to the client's callback; `round`:
both. All four pairs run at the same time over the loopback, so that other load affects them equally; each client starts
a quarter of a period after the one before. Needs the distribution's ROS 1. The last line is one JSON object.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from helms_control.hardware.ros1.node import Node
from helms_control.hardware.ros1.typestore import message_type
from helms_sim.emulation.debian_ros1 import Rosmaster
from test.support.rospy_node import RospyPeer

COMMAND = "intera_core_msgs/JointCommand"
MESSAGE = {"mode": 2, "names": [f"right_j{index}" for index in range(7)], "velocity": [0.1] * 7}
PAIRS = [(client, echo) for client in ("helms", "rospy") for echo in ("helms", "rospy")]
Times = list[list[float]]


def main() -> None:
    """Run the benchmark, or with --process one of its processes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="messages for each pair")
    parser.add_argument("--rate", type=float, default=100.0, help="messages per second")
    parser.add_argument("--process", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.process:
        serve(json.loads(options.process))
    else:
        measure(options.count, options.rate)


def measure(count: int, rate: float) -> None:
    """Measure all pairs and print the table."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        master = stack.enter_context(Rosmaster(folder))
        clients = []
        for index, (client, echo) in enumerate(PAIRS):
            topics = {"ping": f"/ping{index}", "pong": f"/pong{index}"}
            start(stack, master.uri, folder, f"/echo{index}", echo, {"do": "echo", **topics})
            how = {"do": "ping", "count": count, "period_s": 1.0 / rate, "delay_s": 0.25 * index / rate, **topics}
            clients.append((f"/client{index}", client, how))
        with ThreadPoolExecutor(len(clients)) as pool:
            jobs = [pool.submit(start, stack, master.uri, folder, *client) for client in clients]
            found = [report(np.array(job.result())) for job in jobs]
    rows = {f"{client} -> {echo} -> {client}": row for (client, echo), row in zip(PAIRS, found, strict=True)}
    print(f"{'us, p50 / p99':28s} {'out':>14s} {'back':>14s} {'round':>14s}   lost")
    for name, row in rows.items():
        cells = " ".join(f"{row[part]['p50']:6.0f} /{row[part]['p99']:6.0f}" for part in ("out", "back", "round"))
        print(f"{name:28s} {cells} {count - row['count']:6d}")
    print(json.dumps({"rate_hz": rate, "count": count, "unit": "us", "pairs": rows}))


def start(stack: ExitStack, uri: str, folder: Path, name: str, kind: str, how: dict[str, Any]) -> Times:
    """Start an echo, or run a client and return its times."""
    if kind == "rospy":
        peer = stack.enter_context(RospyPeer(name, uri, folder))
        if how["do"] == "echo":
            peer.tell("echo", source=how["ping"], target=how["pong"], kind=COMMAND)
            return []
        time.sleep(how["delay_s"])
        seconds = 30.0 + how["count"] * how["period_s"]
        common = {"kind": COMMAND, "message": MESSAGE, "count": how["count"], "period_s": how["period_s"]}
        return list(peer.tell("ping", seconds, target=how["ping"], source=how["pong"], **common))
    how = {"uri": uri, "name": name, **how}
    command = [sys.executable, "-m", "benchmarks.ros1_latency", "--process", json.dumps(how)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    stack.callback(process.wait)
    stack.callback(process.stdin.close)
    return list(json.loads(process.stdout.readline()))


def serve(how: dict[str, Any]) -> None:
    """Run an echo or a client of this package, until the standard input ends."""
    with Node(how["name"], how["uri"], "127.0.0.1") as node:
        if how["do"] == "echo":
            publisher = node.publish(how["pong"], COMMAND)

            def reply(message: Any) -> None:  # noqa: ANN401 - a message
                now = time.monotonic()
                message.position = np.array([message.position[0], now, time.monotonic()])
                publisher.send(message)

            node.subscribe(how["ping"], COMMAND, reply)
            times: Times = []
        else:
            times = ping(node, how)
        print(json.dumps(times), flush=True)
        sys.stdin.read()


def ping(node: Node, how: dict[str, Any]) -> Times:
    """Send messages to an echo; return for each the times: sent, received and returned by the echo, received; s."""
    times: Times = []
    publisher = node.publish(how["ping"], COMMAND)
    back = node.subscribe(how["pong"], COMMAND, lambda m: times.append([*m.position.tolist(), time.monotonic()]))
    while not (publisher.connections and back.connections):
        time.sleep(0.01)
    message, pause = message_type(COMMAND).new(**MESSAGE), threading.Event()
    pause.wait(how["delay_s"])
    due = time.monotonic()
    for _ in range(how["count"]):
        message.position = np.array([time.monotonic()])
        publisher.send(message)
        due += how["period_s"]
        pause.wait(max(due - time.monotonic(), 0.0))
    pause.wait(0.2)
    return times


def report(times: "np.typing.NDArray[np.float64]") -> dict[str, Any]:
    """Return percentiles of times (n, 4), s: sent, received and returned by the echo, received."""
    sent, came, left, back = times[len(times) // 20 :].T
    parts = {"out": came - sent, "back": back - left, "round": back - sent}
    rows: dict[str, Any] = {"count": len(times)}
    for name, part in parts.items():
        low, high = np.percentile(1e6 * part, (50, 99))
        rows[name] = {"p50": round(float(low), 1), "p99": round(float(high), 1)}
    return rows


if __name__ == "__main__":
    main()
