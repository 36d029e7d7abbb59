"""Print the deviation of the cell from the reference cell: replayed episodes and start states.

    python benchmarks/fidelity.py [--starts 120] [--seed 0]

The recordings are test/data/rgb_stacking_reference.npz: 24 episodes of 80 control steps and 120 start states of the
public RGB-stacking environment (DeepMind), object set 4.
"""

import argparse
from pathlib import Path

import numpy as np
from scipy.stats import ks_2samp

from helms_sim.fidelity.replay import Recording, replay
from helms_sim.fidelity.starts import recorded_starts, sample_starts

DATA = Path(__file__).parents[1] / "test" / "data" / "rgb_stacking_reference.npz"


def main() -> None:
    """Replay, sample, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=120, help="number of start states to draw")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first start state")
    options = parser.parse_args()
    with np.load(DATA, allow_pickle=False) as arrays:
        print_replays(arrays)
        print_starts(arrays, options.starts, options.seed)


def print_replays(arrays: "np.lib.npyio.NpzFile") -> None:
    """Print the deviation of every recorded episode."""
    print("episode  steps  position mm (median, max)   yaw deg   gripper tics   torque Nm   force N (rms)")
    worst = np.zeros(4)
    for index in range(24):
        d = replay(Recording.load(arrays, f"ep{index:02d}"))
        median, largest = 1e3 * np.median(d.position), 1e3 * d.position.max()
        yaw, grip = np.degrees(d.yaw.max()), d.gripper.max()
        worst = np.maximum(worst, (median, largest, yaw, grip))
        torque, force = np.sqrt(np.mean(d.torque**2)), np.sqrt(np.mean(d.force**2))
        row = f"{index:7d} {len(d.yaw):6d} {median:14.2f} {largest:8.2f} {yaw:15.2f} {grip:12.0f}"
        print(f"{row} {torque:13.3f} {force:12.3f}")
    print("  worst {:>21.2f} {:8.2f} {:15.2f} {:12.0f}".format(*worst))


def print_starts(arrays: "np.lib.npyio.NpzFile", count: int, seed: int) -> None:
    """Print a two-sample Kolmogorov-Smirnov test for every component of the start state."""
    recorded = recorded_starts(*(arrays[f"init/{name}"] for name in ("joint_angle", "pinch_pose", "objects")))
    sampled = sample_starts(count, seed)
    labels = {
        "tcp": ["x", "y", "z", "yaw"],
        "joint_angle": [f"j{i}" for i in range(7)],
        "height": ["red", "green", "blue"],
    }
    print(
        f"\nstart states: {count} drawn (seeds {seed}..{seed + count - 1}) against {len(recorded['tcp'])} recorded; p"
    )
    for name, columns in labels.items():
        p = [ks_2samp(sampled[name][:, i], recorded[name][:, i]).pvalue for i in range(len(columns))]
        print(f"  {name:12s}", "  ".join(f"{label} {value:.3f}" for label, value in zip(columns, p, strict=True)))


if __name__ == "__main__":
    main()
