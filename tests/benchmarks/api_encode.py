"""60,000 MNIST encodings by the Python interface beside what `mycaffe test-many` takes for them.

    MYCAFFE_MNIST=FOLDER python -m tests.benchmarks.api_encode --snapshot FILE [--rounds 5]

Both sides take turns in one process, so that whatever slows the machine down slows both; each round
gives a ratio. test-many compiles its net anew in every round, outside of the time that it tells.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

import mycaffe_py as mycaffe
from mycaffe_py.data.source import open_source
from mycaffe_py.engine.threads import set_threads
from mycaffe_py.evaluate.test_many import test_many
from mycaffe_py.evaluate.timing.machine import this_machine
from mycaffe_py.trained.snapshot import open_snapshot

_WARM = 300


def main() -> None:
    """Print images a second of both sides, and their ratio round by round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--snapshot", type=Path, help="without it the newest below this folder")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    threads = set_threads(options.threads)
    snapshot = open_snapshot(options.snapshot)
    source = open_source("MNIST.training")
    net = mycaffe.load(options.snapshot)
    images = source.images[:, 0]
    net.encode(images[:_WARM])
    print(f"{this_machine()}, {threads} threads, {len(images):,} items, {snapshot.files.weights}")
    paces = []
    for _ in range(options.rounds):
        told = test_many(snapshot, source).images_per_s
        start_s = time.perf_counter()
        net.encode(images)
        paces.append((told, len(images) / (time.perf_counter() - start_s)))
        print(f"test-many {paces[-1][0]:8,.0f} images/s   encode {paces[-1][1]:8,.0f} images/s")
    found = np.array(paces)
    low, middle, high = np.quantile(found[:, 1] / found[:, 0], [0.25, 0.5, 0.75])
    print(
        f"medians {np.median(found[:, 0]):,.0f} and {np.median(found[:, 1]):,.0f} images/s; "
        f"encode over test-many {middle:.2f} ({low:.2f}-{high:.2f})"
    )


if __name__ == "__main__":
    main()
