"""`mpiexec mycaffe test-many` tells and keeps what one process tells and keeps."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mycaffe_py.cli.main import main
from tests.parallel.launching import launch

pytestmark = pytest.mark.slow
WORDS = ("test-many", "--snapshot", "small_iter_150.caffemodel", "--record", "--json")


def _without_pace(told: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(told)
    assert found.pop("images_per_s")
    return found


def test_processes_tell_and_keep_what_one_does(
    siamese_snapshot: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for path in siamese_snapshot.parent.glob("small_iter_150.*"):
        shutil.copy(path, tmp_path)
    assert main(WORDS) == 0
    alone = _without_pace(capsys.readouterr().out)
    answers = Path("small_iter_150.answers.npz")
    kept = answers.read_bytes()
    answers.unlink()
    done = launch(3, "mycaffe_py", *WORDS, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert _without_pace(done.stdout) == alone
    assert answers.read_bytes() == kept


@pytest.mark.parametrize("items", [(), ("--items", "100")])
def test_processes_tell_the_marks_of_retrieval_that_one_does(
    siamese_snapshot: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    items: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("test-many", "--snapshot", str(siamese_snapshot), "--retrieval", "--json", *items)
    assert main(words) == 0
    alone = _without_pace(capsys.readouterr().out)
    assert alone["retrieval"]
    done = launch(2, "mycaffe_py", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert _without_pace(done.stdout) == alone


def test_parts_of_the_judgement_come_together_to_that_of_one() -> None:
    alone = launch(1, "tests.parallel.judging")
    assert alone.returncode == 0, alone.stderr
    assert "nan" not in alone.stdout
    for processes in (2, 3):
        done = launch(processes, "tests.parallel.judging")
        assert done.returncode == 0, done.stderr
        assert done.stdout == alone.stdout


def test_a_mistake_of_all_is_told_once(tmp_path: Path) -> None:
    done = launch(2, "mycaffe_py", "test-many", "--snapshot", "nosuch.caffemodel", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("error: ") == 1
