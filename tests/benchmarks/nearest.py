"""Exact search among 10^6 rows of 128, memory-mapped, beside faiss's IndexFlatL2 and plain numpy.

python -m tests.benchmarks.nearest [--rows N] [--threads 1 2], in an environment with faiss-cpu.
The sides take turns, so that whatever slows the machine down slows all of them; faiss holds its own
copy in memory, ours and numpy's read the file. All must find the same rows. Every BLAS is held to
the threads of the row, which `set_threads` would hold to one: so it comes behind the imports.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
from threadpoolctl import threadpool_limits

from mycaffe_py.engine.threads import set_threads
from mycaffe_py.evaluate.timing.machine import this_machine
from mycaffe_py.retrieve.nearest import nearest

DEPTH, K = 128, 10
QUERIES = {1: 9, 16: 5, 1000: 3}  # and rounds


def write_rows(path: Path, rows: int) -> np.ndarray:
    """Random rows on disk, opened as a memory map."""
    random = np.random.default_rng(0)
    table = np.lib.format.open_memmap(path, "w+", np.float32, (rows, DEPTH))
    for start in range(0, rows, 100_000):
        table[start : start + 100_000] = random.standard_normal(table[start:][:100_000].shape)
    table.flush()
    return np.load(path, mmap_mode="r")


def by_numpy(queries: np.ndarray, rows: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """|x|^2 - 2 q.x by BLAS in blocks, and argpartition."""
    kept_d, kept = np.empty((len(queries), 0)), np.empty((len(queries), 0), np.int64)
    for start in range(0, len(rows), 100_000):
        part = rows[start : start + 100_000]
        d = squares[start : start + 100_000] - 2 * (queries @ part.T)
        best = np.argpartition(d, K, axis=1)[:, :K]
        kept_d = np.hstack([kept_d, np.take_along_axis(d, best, axis=1)])
        kept = np.hstack([kept, best + start])
    return np.take_along_axis(kept, np.argsort(kept_d, axis=1)[:, :K], axis=1)


def main() -> None:
    """Print seconds, the median of each side, and ratios round by round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    print(f"{this_machine()}, faiss {faiss.__version__}, {options.rows:,} rows of {DEPTH}")
    with tempfile.TemporaryDirectory() as folder:
        rows = write_rows(Path(folder) / "rows.npy", options.rows)
        index = faiss.IndexFlatL2(DEPTH)
        index.add(np.asarray(rows))
        squares = np.einsum("nd,nd->n", rows, rows)
        asked = np.random.default_rng(1).standard_normal((1000, DEPTH), dtype=np.float32)
        for threads in options.threads:
            set_threads(threads)
            faiss.omp_set_num_threads(threads)
            for count, rounds in QUERIES.items():
                some = asked[:count]
                sides = {
                    "ours": lambda some=some: nearest(some, rows, K).rows,
                    "faiss": lambda some=some: index.search(some, K)[1],
                    "numpy": lambda some=some: by_numpy(some, rows, squares),
                }
                with threadpool_limits(threads, user_api="blas"):
                    _compare(f"{threads} threads, {count} queries", sides, rounds)


def _compare(what: str, sides: dict[str, Callable[[], np.ndarray]], rounds: int) -> None:
    found = {name: side() for name, side in sides.items()}
    same = {name: float(np.mean(rows == found["ours"])) for name, rows in found.items()}
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        for name in list(sides) if number % 2 else list(sides)[::-1]:
            start = time.perf_counter()
            sides[name]()
            taken[name].append(time.perf_counter() - start)
    for name, times in taken.items():
        ratio = np.median(np.array(times) / taken["ours"])
        print(
            f"{what}: {name:6} median {np.median(times):8.3f} s, least {min(times):8.3f} s, "
            f"{ratio:5.2f} x ours, same rows {same[name]:.4f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
