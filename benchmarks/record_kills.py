"""Kill a running `helms record` at random instants, and count the finished episodes after repair.

    python benchmarks/record_kills.py --kills 20 --seed 0

Every second kill hits a recorder that resumed an unfinished recording. Episodes that were reported finished more than a
second before must be readable after `helms bag check --repair`. Prints a table and one JSON object.
"""

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

HELMS = str(Path(sys.executable).with_name("helms"))
SURE_S = 1.0
PROGRESS = re.compile(rb"(\d+)/\d+ \[")


def record_and_kill(bag: Path, driver: str, seed: int, after_s: float) -> tuple[int, int]:
    """Record until the process is killed.

    Args:
        bag: folder of the bag.
        driver: of the arm.
        seed: of the first episode; the same episode recorded twice counts once.
        after_s: time from the first finished episode to the kill, s.

    Returns:
        Number of episodes reported finished a second before the kill, and in total.
    """
    command = [HELMS, "record", "--policy", driver, "--object-set", "4", "--episodes", "9999"]
    command += ["--seed", str(seed), "--out", str(bag)]
    environment = os.environ | {"ROS_DOMAIN_ID": "87"}
    told: list[tuple[float, int]] = [(0.0, 0)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stderr is not None
        os.set_blocking(process.stderr.fileno(), False)
        begun, end = time.monotonic(), float("inf")
        while time.monotonic() < end:
            for match in PROGRESS.finditer(process.stderr.read() or b""):
                told.append((time.monotonic(), int(match[1])))
            if told[-1][1] and end == float("inf"):
                end = time.monotonic() + after_s
            if process.poll() is not None or time.monotonic() - begun > 120.0:
                raise SystemExit(f"{' '.join(command)} did not record: {process.returncode}")
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        killed = time.monotonic()
    return max(count for when, count in told if when < killed - SURE_S), told[-1][1]


def readable(bag: Path) -> int:
    """Repair a recording and count its complete episodes."""
    subprocess.run([HELMS, "bag", "check", "--repair", f"{bag}.partial"], stdout=subprocess.DEVNULL, check=False)
    shown = subprocess.run([HELMS, "bag", "info", "--json", str(bag)], capture_output=True, text=True, check=True)
    episodes = json.loads(shown.stdout.splitlines()[-1])["episodes"]
    return sum(episode["finished"] and not episode["drops"] for episode in episodes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill, repair and count; return 1 if an episode was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--policy", default="random", help="random is the fastest")
    given = parser.parse_args(arguments)
    rng, lost, shown = random.Random(given.seed), 0, 0
    print("bag  kills  reported finished 1 s before  reported  readable  lost")
    for number in range((given.kills + 1) // 2):
        with tempfile.TemporaryDirectory() as place:
            bag = Path(place) / "bag"
            kills = min(2, given.kills - 2 * number)
            told = [record_and_kill(bag, given.driver, 10_000 * kill, rng.uniform(0.5, 6.0)) for kill in range(kills)]
            sure, all_told, found = sum(t[0] for t in told), sum(t[1] for t in told), readable(bag)
        lost, shown = lost + max(sure - found, 0), shown + sure
        print(f"{number:3d}  {kills:5d}  {sure:29d}  {all_told:8d}  {found:8d}  {max(sure - found, 0):4d}", flush=True)
    print(json.dumps({"kills": given.kills, "seed": given.seed, "reported": shown, "lost": lost}))
    return int(lost > 0)


if __name__ == "__main__":
    sys.exit(main())
