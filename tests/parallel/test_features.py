"""`mpiexec mycaffe features` writes the table that one process writes, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.cli.main import main
from mycaffe_py.data.dataset_paths import table_folder
from mycaffe_py.evaluate.features.feature_rows import parts_of
from tests.evaluate.bases import write_base
from tests.parallel.launching import launch


@pytest.mark.parametrize("processes", [1, 2, 8])
@pytest.mark.parametrize(("done", "rows", "batch"), [(0, 1, 8), (16, 1000, 8), (0, 9000, 300)])
def test_the_parts_hold_each_batch_once(processes: int, done: int, rows: int, batch: int) -> None:
    parts = parts_of(done, rows, batch, processes)
    assert [start for part in parts for start in part] == list(range(done, rows, batch))
    assert parts[-1].stop == rows


@pytest.mark.slow
def test_processes_write_the_table_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model, weights = write_base(tmp_path)
    words = [
        "features", "--model", str(model), "--weights", str(weights), "--blob", "fc",
        "--source", "digits28.testing", "--augment", "2", "--batch", "7", "--name", "T",
    ]  # fmt: skip

    def files() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in table_folder("T").iterdir()}

    assert main(words) == 0
    alone = files()
    done = launch(3, "mycaffe_py", *words, "--force", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("720 rows of 6 values") == 1
    assert len(alone) > 2
    assert files() == alone


@pytest.mark.slow
def test_an_error_of_all_is_told_once(tmp_path: Path) -> None:
    model, weights = write_base(tmp_path)
    done = launch(
        2, "mycaffe_py", "features", "--model", str(model), "--weights", str(weights),
        "--blob", "nosuch", "--source", "digits28.testing", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count("has no blob 'nosuch'") == 1
    assert done.stderr.count("error: ") == 1
