"""The number of threads."""

from collections.abc import Iterator

import numba
import pytest

from mycaffe_py.engine.threads import set_threads
from mycaffe_py.errors import UserError


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    before = numba.get_num_threads()
    yield
    numba.set_num_threads(before)


def test_the_number_asked_for_is_used() -> None:
    assert set_threads(1) == 1
    assert numba.get_num_threads() == 1
    assert set_threads(None) == numba.config.NUMBA_NUM_THREADS


@pytest.mark.parametrize("name", ["MPI_LOCALNRANKS", "OMPI_COMM_WORLD_LOCAL_SIZE"])
def test_processes_of_one_machine_share_its_cores(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    most = numba.config.NUMBA_NUM_THREADS
    for there, wanted in (("1", most), (str(most), 1), (str(2 * most), 1)):
        monkeypatch.setenv(name, there)
        assert set_threads(None) == wanted
    assert set_threads(most) == most


@pytest.mark.parametrize("count", [0, -1, 10_000])
def test_impossible_numbers_are_refused(count: int) -> None:
    with pytest.raises(UserError, match=f"{count} threads; from 1 to"):
        set_threads(count)
