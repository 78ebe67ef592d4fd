"""A step of TripletLoss with mining BATCH_ALL: distances, search and gradient.

python -m tests.benchmarks.triplet_mining [--rows 2048] [--width 64] [--classes 10] [--turns 5]
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from mycaffe_py.kernels.losses.triplet_mining import all_distances, batch_all, mined_gradient

_HINGE = (False, 0.4, 4.0, 4.0, 1e-8)


def main() -> None:
    """Print the median seconds of a step, and how many triplets were looked at."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in (("rows", 2048), ("width", 64), ("classes", 10), ("turns", 5)):
        parser.add_argument(f"--{name}", type=int, default=value)
    args = parser.parse_args()
    random = np.random.default_rng(0)
    x = random.normal(size=(args.rows, args.width)).astype(np.float32) / args.width**0.5
    labels = random.integers(0, args.classes, args.rows)
    counted = np.ones(args.rows, np.bool_)
    distance, slopes = np.empty((args.rows, args.rows)), np.empty((args.rows, args.rows))
    dx = np.empty_like(x)
    seconds = []
    for _ in range(args.turns + 1):  # the first one compiles
        start = time.perf_counter()
        slopes.fill(0)
        all_distances(x, True, distance)
        batch_all(distance, labels, counted, *_HINGE, slopes)
        mined_gradient(x, distance, slopes, True, 1.0, dx)
        seconds.append(time.perf_counter() - start)
    same = np.bincount(labels)
    triplets = int((same * (same - 1) * (args.rows - same)).sum())
    print(f"{np.median(seconds[1:]):.2f} s a step, {triplets:,} triplets")


if __name__ == "__main__":
    main()
