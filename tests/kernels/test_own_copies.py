"""What a kernel computes does not hang on what was compiled or loaded before it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# BatchNorm backward: sums of 64-bit floats that the compiler may order as it likes.
PROGRAM = """
import hashlib
import numpy as np
from mycaffe_py.kernels.normalize import NormEnd, channel_norm_backward

draw = np.random.default_rng(1)
def some(*shape):
    return draw.normal(size=shape).astype(np.float32)
for shape in ((8, 16, 100), (64, 32, 576)):
    channels = shape[1]
    sums = np.zeros(channels, np.float32), np.zeros(channels, np.float32)
    dx = np.zeros(shape, np.float32)
    end = NormEnd(some(channels), some(channels), True)
    channel_norm_backward(some(*shape), some(*shape), abs(some(channels)), end, *sums, dx)
    print(hashlib.sha256(dx.tobytes() + sums[0].tobytes() + sums[1].tobytes()).hexdigest())
"""


@pytest.mark.slow
def test_a_compiled_kernel_and_one_found_on_disk_give_the_same_bits(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_NUM_THREADS": "1"}
    first, second = (
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    )
    assert first == second and len(first.split()) == 2


def test_functions_that_call_each_other_still_compile() -> None:
    """As those of users may, each in turn."""
    program = """
from mycaffe_py.kernels.jit import kernel
from numba import njit
@njit
def odd(n):
    return False if n == 0 else even(n - 1)
@njit
def even(n):
    return True if n == 0 else odd(n - 1)
@njit
def both(n):
    return even(n), odd(n)
print(odd(7), even(7), both(6))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "True False (True, False)\n"
