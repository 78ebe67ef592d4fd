"""The machine a measurement was made on: its name, its cores, what it can do at most."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

import numba
import numpy as np

from mycaffe_py.kernels.products.gemm import gemm

_SIDE = 512
_REPEATS = 12
_CPU_INFO = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Machine:
    """What a figure depends on besides the program."""

    processor: str
    cores: int
    python: str
    numpy: str
    numba: str

    def __str__(self) -> str:
        return (
            f"{self.processor}, {self.cores} cores, Python {self.python}, "
            f"numpy {self.numpy}, numba {self.numba}"
        )


def this_machine() -> Machine:
    """The machine at hand; `cores` are those this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return Machine(
        _processor(), cores, platform.python_version(), np.__version__, numba.__version__
    )


def _processor() -> str:
    """Its name, where the system tells it."""
    if _CPU_INFO.exists():
        for line in _CPU_INFO.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def peak_gflops() -> float:
    """GFLOP/s of a large float32 matrix product on the threads that are set: the best of several.

    As a rule a BLAS does not do better on the same threads, so it is called the machine's peak.
    """
    numbers = np.random.default_rng(0).random((2, _SIDE, _SIDE), dtype=np.float32)
    product = np.empty((_SIDE, _SIDE), np.float32)
    gemm(numbers[0], numbers[1], product)
    seconds = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        gemm(numbers[0], numbers[1], product)
        seconds.append(time.perf_counter() - start)
    return 2 * _SIDE**3 / min(seconds) / 1e9
