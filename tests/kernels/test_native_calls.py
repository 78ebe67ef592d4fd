"""Kernels called by their native code do what they do when Python calls them."""

from typing import NamedTuple

import numpy as np
import pytest

from mycaffe_py.kernels.jit import kernel
from mycaffe_py.kernels.native_calls import HAS_CONVENTION, NativeCalls, native
from mycaffe_py.kernels.sharing import Call

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not HAS_CONVENTION, reason="native calls are for x86-64 but Windows"),
]


class Pair(NamedTuple):
    first: np.ndarray
    second: int


@kernel
def mixed(x, flag, narrow, sizes, pair, wide, y_out):
    """Arguments of every kind that kernels here have, whole numbers and floats in turn."""
    for i in range(y_out.shape[0]):
        for j in range(y_out.shape[1]):
            value = x[i, j] * narrow + sizes[0] + 10 * sizes[1][0] + 100 * sizes[1][1]
            y_out[i, j] = value + pair.first[j] * pair.second + (wide if flag else 0)


@kernel
def refuses(x):
    if x[0] > 1:
        raise ValueError("more than 1")
    x[0] += 1


@kernel
def answers(x):
    return x[0]


@kernel
def many_floats(a, b, c, d, e, f, g, h, i, x_out):
    x_out[0] = a + b + c + d + e + f + g + h + i


def arguments(flag: bool, narrow: float, y: np.ndarray) -> tuple:
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    pair = Pair(np.array([1.5, 2.5, 3.5], np.float32), 7)
    return x, flag, np.float32(narrow), (3, (4, 5)), pair, 0.125, y


@pytest.mark.parametrize("flag", [False, True])
def test_every_kind_of_argument_arrives(flag: bool) -> None:
    ours, wanted = np.zeros((2, 3), np.float32), np.zeros((2, 3), np.float32)
    mixed(*arguments(flag, 0.3, wanted))
    call = Call(mixed, arguments(flag, 0.3, ours))
    taken = native(call)
    assert taken is not None
    NativeCalls([call], [taken])()
    np.testing.assert_array_equal(ours, wanted)


def test_calls_are_made_in_order_and_again() -> None:
    x = np.zeros(1, np.float32)
    calls = [Call(refuses, (x,)), Call(refuses, (x,))]
    together = NativeCalls(calls, [native(call) for call in calls])
    together()
    assert x[0] == 2
    x[0] = -3
    together()
    assert x[0] == -1


def test_an_error_of_a_kernel_is_raised() -> None:
    x = np.zeros(1, np.float32)
    calls = [Call(refuses, (x,))] * 4
    together = NativeCalls(calls, [native(call) for call in calls])
    with pytest.raises(ValueError, match="more than 1"):
        together()
    assert x[0] == 2


def test_what_does_not_fit_is_left_to_python() -> None:
    x = np.zeros(1, np.float32)
    assert native(Call(answers, (x,))) is None
    assert native(Call(many_floats, (*[1.0] * 9, x))) is None
    assert native(Call(many_floats, (*[1.0] * 8, 1, x))) is not None
    assert native(Call(np.copyto, (x, x))) is None
