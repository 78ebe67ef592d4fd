"""`mpiexec mycaffe rank`: the runs are dealt to all processes, and are those of one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from mycaffe_py.cli.main import main
from tests.evaluate.designs.tables import write_table
from tests.parallel.launching import command, environment, launch

pytestmark = pytest.mark.slow
QUICK = (
    "rank", "contrastive_2", "cosine", "--features", "CLOUDS", "--no-baselines",
    "--pairs", "400", "--iterations", "40",
)  # fmt: skip


@pytest.fixture(autouse=True)
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_table()


def _files(folder: str) -> dict[str, object]:
    """What the runs have left, without the time they took."""
    found: dict[str, object] = {}
    for path in Path(folder, "runs").iterdir():
        if path.suffix == ".json":
            found[path.name] = {**json.loads(path.read_text()), "seconds": 0}
        else:
            found[path.name] = path.read_bytes()
    return found


def test_processes_leave_the_files_of_one(tmp_path: Path) -> None:
    assert main([*QUICK, "--out", "alone"]) == 0
    done = launch(3, "mycaffe_py", *QUICK, "--out", "together", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(_files("alone")) == 12
    assert _files("together") == _files("alone")
    assert done.stdout.count("contrastive_2") == 1


def test_jobs_are_not_for_several_processes(tmp_path: Path) -> None:
    done = launch(2, "mycaffe_py", *QUICK, "--jobs", "2", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("error") == 1
    assert "--jobs 2 in 2 processes" in done.stderr


def test_an_interrupt_keeps_what_has_ended(tmp_path: Path) -> None:
    words = [*QUICK, "--seeds", ",".join(map(str, range(100)))]
    with subprocess.Popen(
        command(2, "mycaffe_py", *words), env=environment(), cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as started:  # fmt: skip
        assert started.stderr is not None
        # The first line of progress.
        first = started.stderr.readline()
        started.send_signal(2)
        out, err = started.communicate(timeout=60)
    assert first.startswith("0:") or "runs" in first
    assert err.count("Interrupted: ") == 1
    assert "The same command goes on with the others." in err
    assert "Traceback" not in err
    assert "error" not in err
    assert "accuracy" not in out
    assert len(_files("ranking")) > 0
    assert started.returncode != 0
