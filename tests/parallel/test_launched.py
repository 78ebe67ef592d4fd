"""A run on its own neither waits for others nor imports what several need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.parallel import mpi
from mycaffe_py.parallel.joined import joined
from mycaffe_py.parallel.launched import launched
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.solver.team import ALONE
from tests.parallel.launching import environment, launch
from tests.solver.tiny import tiny_job

NAMES = (
    "PMI_SIZE", "PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK",
    "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS", "SLURM_PROCID",
)  # fmt: skip
# What srun tells the second of four processes on two machines.
SRUN = {
    "SLURM_STEP_NUM_TASKS": "4", "SLURM_NTASKS": "4", "SLURM_PROCID": "1", "SLURM_LOCALID": "1",
    "SLURM_STEP_TASKS_PER_NODE": "2(x2)", "SLURM_STEP_NUM_NODES": "2",
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("told", "several"),
    [
        ({}, False),
        ({"PMI_SIZE": "1", "PMI_RANK": "0"}, False),
        ({"PMI_SIZE": "4", "PMI_RANK": "0"}, True),
        ({"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "1", "PMIX_RANK": "1"}, True),
        ({"PMIX_RANK": "0"}, True),
        ({"SLURM_STEP_NUM_TASKS": "8"}, True),
        ({"SLURM_STEP_NUM_TASKS": "1"}, False),
        (SRUN, True),
        ({**SRUN, "PMI_SIZE": "4", "PMI_RANK": "1"}, True),
        ({**SRUN, "PMIX_RANK": "1"}, True),
        ({"SLURM_NTASKS": "4", "SLURM_PROCID": "0"}, False),
        ({"SLURM_STEP_NUM_TASKS": "1", "PMIX_RANK": "0", "OMPI_COMM_WORLD_SIZE": "4"}, True),
    ],
)
def test_the_launcher_tells_whether_there_are_several(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, str], several: bool
) -> None:
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert launched() is several


def test_a_process_on_its_own_is_alone() -> None:
    with joined() as team:
        assert team is ALONE


class _Alone:
    """What MPI tells a process that it knows no others of."""

    rank, ranks = 0, 1


@pytest.mark.parametrize(
    "told",
    [
        SRUN,
        {**SRUN, "PMI_SIZE": "4", "PMI_RANK": "1"},
        {"PMI_SIZE": "4", "PMI_RANK": "1"},
        {"OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "1", "PMIX_RANK": "1"},
    ],
)
def test_processes_that_mpi_takes_for_single_ones_do_not_begin(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, str]
) -> None:
    monkeypatch.setattr("mycaffe_py.parallel.joined.MpiTeam", _Alone)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match="2"), joined():
        pytest.fail("it has begun")
    for name in ("SLURM_PROCID", "PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK"):
        if name in told:
            monkeypatch.setenv(name, "0")
    told_by_first = r"4 processes .* finds each of them alone; .*--mpi=pmi2"
    with pytest.raises(UserError, match=told_by_first), joined():
        pytest.fail("it has begun")


@pytest.mark.parametrize(
    "told",
    [
        # mpiexec -n 1 within a job of four machines, and an mpiexec from a shell of srun's.
        {**SRUN, "PMI_SIZE": "1", "PMI_RANK": "0"},
        {"SLURM_STEP_NUM_TASKS": "1", "OMPI_COMM_WORLD_SIZE": "4"},
        {"PMIX_RANK": "0"},
    ],
)
def test_a_process_that_a_launcher_left_alone_begins(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, str]
) -> None:
    monkeypatch.setattr("mycaffe_py.parallel.joined.MpiTeam", _Alone)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    with joined() as team:
        assert team is ALONE


@pytest.mark.slow
def test_srun_without_an_interface_for_mpi_is_told_once(tmp_path: Path) -> None:
    """As srun --mpi=none starts them: each process has SLURM's variables, and MPI finds nobody."""
    tiny_job(tmp_path)
    words = ("train", "--solver", "tiny.solver", "--shards", "4", "--iterations", "1")
    ended = [
        subprocess.run(
            [sys.executable, "-m", "mycaffe_py", *words], cwd=tmp_path, check=False, text=True,
            capture_output=True, env=environment(**{**SRUN, "SLURM_PROCID": rank}),
        )
        for rank in ("0", "1")
    ]  # fmt: skip
    assert [one.returncode for one in ended] == [2, 2]
    assert "4 processes were started together" in ended[0].stderr
    assert ended[1].stderr == ended[1].stdout == ""
    assert not (tmp_path / "snapshots").exists()


@pytest.mark.slow
def test_srun_with_an_interface_for_mpi_trains_together(tmp_path: Path) -> None:
    """mpiexec speaks PMI as srun --mpi=pmi2 does; only SLURM's variables tell of the launch."""
    tiny_job(tmp_path)
    words = ("train", "--solver", "tiny.solver", "--shards", "2", "--iterations", "1")
    done = launch(2, "mycaffe_py", *words, cwd=tmp_path, **{**SRUN, "SLURM_STEP_NUM_TASKS": "2"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Go on with") <= 1
    (card,) = (tmp_path / "snapshots").glob("*_iter_1.run.json")
    assert RunCard.read(card).processes == 2


@pytest.mark.slow
def test_a_run_on_its_own_imports_no_mpi(tmp_path: Path) -> None:
    tiny_job(tmp_path)
    program = (
        "import sys; from mycaffe_py.cli.main import main; "
        "main(['train', '--solver', 'tiny.solver', '--iterations', '1']); "
        "assert 'mycaffe_py.parallel.run' in sys.modules; "
        "raise SystemExit(any(name.startswith('mpi4py') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=False)
    assert done.returncode == 0


def test_an_mpi_that_cannot_be_loaded_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: str) -> None:
        raise RuntimeError("cannot load MPI library\nlibmpi.so: no such file")

    monkeypatch.setattr(mpi, "optional", fails)
    with pytest.raises(UserError, match=r"mpi4py finds no MPI: cannot load MPI library; .*mpich"):
        mpi.MpiTeam()
