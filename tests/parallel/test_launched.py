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
from mycaffe_py.solver.team import ALONE
from tests.solver.tiny import tiny_job

NAMES = (
    "PMI_SIZE", "PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK",
    "SLURM_STEP_NUM_TASKS",
)  # fmt: skip


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
