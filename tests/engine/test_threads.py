"""The number of threads."""

import numba
import pytest

from mycaffe_py.engine.threads import set_threads
from mycaffe_py.errors import UserError


@pytest.fixture(autouse=True)
def threads_as_before():
    before = numba.get_num_threads()
    yield
    numba.set_num_threads(before)


def test_the_number_asked_for_is_used():
    assert set_threads(1) == 1
    assert numba.get_num_threads() == 1
    assert set_threads(None) == numba.config.NUMBA_NUM_THREADS


@pytest.mark.parametrize("count", [0, -1, 10_000])
def test_impossible_numbers_are_refused(count):
    with pytest.raises(UserError, match=f"{count} threads; from 1 to"):
        set_threads(count)
