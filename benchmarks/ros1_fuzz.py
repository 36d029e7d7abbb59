"""Send malformed traffic to a ROS 1 node of this package and print the effects.

    python -m benchmarks.ros1_fuzz [--seconds 60] [--seed 0]

The node runs in a separate process, whose memory is measured. Attacks: malformed and truncated frames and headers,
lengths up to 4 GiB, wrong md5 sums, stalled connections, invalid or endless XML-RPC, false publishers. Attackers run
concurrently; after each round a valid peer checks all functions. `crashes`: exceptions that ended a thread, and failed
checks. `commands_seen`: commands and service requests that reached a callback, although no valid one was sent. Memory
growth counts from the first report, after every kind of attack. The last line is one JSON object; the exit status is 1
after a crash or a command.
"""

import argparse
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from test.support.ros1_attacks import Attacker, Stranger
from test.support.ros1_target import Target

ROUND = 100
"""Attacks of each attacker between two checks."""
STRANGERS = 7
"""Attackers besides the one that also publishes."""


def main() -> None:
    """Run the attackers, or with --target the attacked node."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="duration, s")
    parser.add_argument("--seed", type=int, default=0, help="seed of the attacks")
    parser.add_argument("--target", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.target:
        be_attacked()
    else:
        sys.exit(attack(options.seconds, options.seed))


def attack(seconds: float, seed: int) -> int:
    """Attack a node in another process; return the exit status."""
    command = [sys.executable, "-m", "benchmarks.ros1_fuzz", "--target"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdin is not None and process.stdout is not None
    where = json.loads(process.stdout.readline())
    attacker = Attacker(where["uri"], where["tcp"], seed)
    others = [Stranger(where["uri"], where["tcp"], 1000 * seed + index + 1) for index in range(STRANGERS)]
    broken, reports, begun = list[str](), list[dict[str, Any]](), time.monotonic()
    while time.monotonic() - begun < seconds or len(reports) < 2:
        with ThreadPoolExecutor(STRANGERS + 1) as pool:
            list(pool.map(go_round, [attacker, *others]))
        if wrong := attacker.be_honest():
            broken.append(wrong)
        reports.append(ask(process.stdin, process.stdout))
        if process.poll() is not None:
            break
    attacker.close()
    process.stdin.close()
    status = process.wait(60.0)
    first, last = reports[0], reports[-1]
    tried = sum((each.tried for each in others), attacker.tried)
    crashes = [*last["crashes"], *broken, *([f"exit status {status}"] if status else [])]
    found = {
        "seconds": round(time.monotonic() - begun, 1),
        "attacks": tried.total(),
        "crashes": len(crashes),
        "memory_growth_mb": round(last["memory_mb"] - first["memory_mb"], 2),
        "peak_mb": round(last["peak_mb"], 1),
        "commands_seen": last["strange"],
        "honest_seen": [last["honest"], 2 * len(reports)],
        "threads": last["threads"],
        "tried": tried,
        "problems": last["problems"],
    }
    print(
        "\n".join(crashes),
        "\n" * bool(crashes),
        *(f"{name:18s} {value}\n" for name, value in found.items()),
        sep="",
        end="",
    )
    print(json.dumps(found))
    return bool(crashes or last["strange"] or last["honest"] != 2 * len(reports))


def go_round(stranger: Stranger) -> None:
    """Run one round of attacks."""
    for _ in range(ROUND):
        stranger.attack()


def ask(sink: IO[str], source: IO[str]) -> dict[str, Any]:
    """Return the target's report."""
    sink.write("report\n")
    sink.flush()
    return dict(json.loads(source.readline()))


def be_attacked() -> None:
    """Run the attacked node; report for each input line, until the standard input ends."""
    target = Target()
    print(json.dumps({"uri": target.node.uri, "tcp": target.node.tcp_port}), flush=True)
    for _ in sys.stdin:
        # The last messages may still be in transit.
        time.sleep(1.0)
        print(json.dumps(target.report()), flush=True)
    target.close()
    sys.exit(bool(target.crashes))


if __name__ == "__main__":
    main()
