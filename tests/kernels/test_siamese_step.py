"""The benchmark's training step: same bits on 1 and 2 threads, float32 close to float64."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.kernels import Step
from tests.kernels.blocked import on_each_thread_count


def _weights_after(steps: int, kind: type) -> Step:
    step = Step(seed=11, dtype=kind)
    for _ in range(steps):
        step.run()
    return step


def test_threads_do_not_change_bits() -> None:
    found = on_each_thread_count(lambda: _weights_after(2, np.float32).flat_w)
    assert all(np.array_equal(found[0], other) for other in found[1:])


def test_every_gradient_is_close_to_float64() -> None:
    single, double = _weights_after(1, np.float32), _weights_after(1, np.float64)
    for name, gradient in double.d.items():
        error = abs(single.d[name] - gradient).max()
        # The bias gradients behind the ReLU cancel over the two branches: only rounding is left.
        assert error < 2e-5 * abs(gradient).max() + 1e-7, name
        assert name.endswith("_b") or abs(gradient).max() > 1e-4
