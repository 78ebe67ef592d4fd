"""Kernels that are called by their address: what they are given, when they are compiled."""

from typing import NamedTuple

import numba
import numpy as np
import pytest

from mycaffe_py.kernels import apart as module
from mycaffe_py.kernels.apart import apart
from mycaffe_py.kernels.jit import kernel, parallel_kernel


class Pair(NamedTuple):
    first: np.ndarray
    second: int


@apart
def mixed(x, flag, narrow, sizes, pair, nothing, y_out):
    """Arguments of every kind that kernels here have."""
    for i in range(y_out.size):
        value = x[i] * narrow + sizes[0] + 10 * sizes[1][0]
        if nothing is None:
            value += pair.first[i] * pair.second
        y_out[i] = value + (0.5 if flag else 0)


@kernel
def calls_mixed(x, flag, narrow, sizes, pair, y_out):
    mixed(x, flag, narrow, sizes, pair, None, y_out)


@apart
def adds(x_out, place, number):
    x_out[place] += number


@parallel_kernel
def shares(x_out):
    for place in numba.prange(x_out.size):
        adds(x_out, np.int64(place), 3)
        adds(x_out, np.int64(place), 4)


@apart
def never(x_out):
    x_out[0] = 1


@kernel
def may_call(x_out, wanted):
    if wanted:
        never(x_out)


@apart
def refuses(x):
    if x[0] > 1:
        raise ValueError("more than 1")


@kernel
def calls_refuses(x):
    refuses(x)
    x[0] = 7


@apart
def has_no_types(x):
    x.nothing()


@kernel
def calls_untyped(x):
    has_no_types(x)


def compiled(name: str) -> list[tuple]:
    """The types that a kernel of this file has been compiled for."""
    return list(module._KERNELS[__name__, name].overloads)


@pytest.mark.slow
def test_every_kind_of_argument_arrives() -> None:
    x = np.arange(3, dtype=np.float32)
    pair = Pair(np.array([1.5, 2.5, 3.5], np.float32), 7)
    y = np.zeros(3, np.float32)
    calls_mixed(x, True, np.float32(0.25), (3, (4, 5)), pair, y)
    assert y.tolist() == [54.0, 61.25, 68.5]


@pytest.mark.slow
def test_all_threads_find_it_and_constants_are_one_kind() -> None:
    x = np.zeros(1000, np.int64)
    shares(x)
    assert x.tolist() == [7] * 1000
    assert len(compiled("adds")) == 1


@pytest.mark.slow
def test_what_no_call_reaches_is_not_compiled() -> None:
    x = np.zeros(1)
    may_call(x, False)
    assert not compiled("never") and x[0] == 0
    may_call(x, True)
    assert len(compiled("never")) == 1 and x[0] == 1


@pytest.mark.slow
def test_an_error_reaches_the_caller() -> None:
    with pytest.raises(ValueError, match="more than 1"):
        calls_refuses(np.array([2.0]))
    x = np.zeros(1)
    calls_refuses(x)
    assert x[0] == 7


@pytest.mark.slow
def test_what_cannot_be_compiled_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="has_no_types could not be compiled"):
        calls_untyped(np.zeros(1))
    assert "TypingError" in capsys.readouterr().err


def test_python_calls_it_as_any_kernel() -> None:
    x = np.zeros(2, np.int64)
    adds(x, 1, 5)
    assert x.tolist() == [0, 5]
