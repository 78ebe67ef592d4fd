"""Calls on fewer threads: how many the kernel sees, and that the number comes back."""

from __future__ import annotations

import numba
import pytest

from mycaffe_py.kernels.sharing import call_on


@pytest.fixture
def two_threads():
    before = numba.get_num_threads()
    numba.set_num_threads(min(2, numba.config.NUMBA_NUM_THREADS))
    yield numba.get_num_threads()
    numba.set_num_threads(before)


def test_kernel_sees_the_number_and_its_arguments(two_threads) -> None:
    assert call_on(1, lambda *numbers: (numba.get_num_threads(), *numbers), 5, 6) == (1, 5, 6)
    assert numba.get_num_threads() == two_threads


def test_never_more_threads_than_there_are(two_threads) -> None:
    assert call_on(two_threads + 5, numba.get_num_threads) == two_threads


def test_number_comes_back_after_an_error(two_threads) -> None:
    with pytest.raises(ZeroDivisionError):
        call_on(1, lambda: 1 // 0)
    assert numba.get_num_threads() == two_threads
