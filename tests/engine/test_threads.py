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


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({"SLURM_STEP_TASKS_PER_NODE": "1"}, 8),
        ({"SLURM_STEP_TASKS_PER_NODE": "4"}, 2),
        ({"SLURM_STEP_TASKS_PER_NODE": "2(x3),1", "SLURM_CPUS_ON_NODE": "8"}, 4),
        ({"SLURM_STEP_TASKS_PER_NODE": "2", "SLURM_CPUS_ON_NODE": "6"}, 3),
        # Each process sees the cores alone that it is bound to.
        ({"SLURM_STEP_TASKS_PER_NODE": "2(x2)", "SLURM_CPUS_ON_NODE": "64"}, 8),
        ({"SLURM_STEP_TASKS_PER_NODE": "2", "SLURM_CPUS_PER_TASK": "3"}, 3),
        ({"SLURM_STEP_TASKS_PER_NODE": "64"}, 1),
        ({"SLURM_STEP_TASKS_PER_NODE": "2", "MPI_LOCALNRANKS": "4"}, 2),
        ({"SLURM_STEP_TASKS_PER_NODE": "many"}, 8),
    ],
)
def test_processes_of_srun_share_the_cores_of_a_job(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, str], wanted: int
) -> None:
    """Of eight cores that this process sees."""
    used: list[int] = []
    monkeypatch.setitem(vars(numba.config), "NUMBA_NUM_THREADS", 8)
    monkeypatch.setattr(numba, "set_num_threads", used.append)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert set_threads(None) == wanted
    assert used == [wanted]


@pytest.mark.parametrize("count", [0, -1, 10_000])
def test_impossible_numbers_are_refused(count: int) -> None:
    with pytest.raises(UserError, match=f"{count} threads; from 1 to"):
        set_threads(count)
