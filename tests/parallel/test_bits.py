"""The files of a run are the same bytes on 1, 2 and 4 processes, and after a resume on others."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from mycaffe_py.snapshot.run_card import RunCard
from tests.parallel.launching import launch
from tests.parallel.several import NAMES, SHARDS

pytestmark = pytest.mark.slow

PROGRAM = "tests.parallel.several"
ENDINGS = (".caffemodel", ".solverstate")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each net, trained on 1, 2 and 4 processes: files in N/THREADS/out."""
    folder = tmp_path_factory.mktemp("trained")
    for processes in (1, 2, 4):
        done = _launch(folder, processes, folder / str(processes))
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


def _launch(
    folder: Path, processes: int, into: Path, *words: str
) -> subprocess.CompletedProcess[str]:
    # One folder of data for all: the fixture of this file comes before the one that gives each
    # test a folder of its own.
    data = {"MYCAFFE_DATA": str(folder / "data"), "MYCAFFE_OFFLINE": "1", "MYCAFFE_MNIST": ""}
    return launch(processes, PROGRAM, str(into), *words, **data)


def _bytes(folder: Path, name: str, iteration: int = 4) -> list[bytes]:
    return [(folder / f"out/{name}_iter_{iteration}{end}").read_bytes() for end in ENDINGS]


@pytest.mark.parametrize("name", NAMES)
def test_processes_and_threads_change_no_bit(folder: Path, name: str) -> None:
    wanted = _bytes(folder / "1/1", name)
    assert wanted != _bytes(folder / "1/1", name, 2)
    for processes in (1, 2, 4):
        for threads in (1, 2):
            assert _bytes(folder / f"{processes}/{threads}", name) == wanted, (processes, threads)


def test_tests_that_processes_share_out_give_the_same_figures(folder: Path) -> None:
    for name in NAMES:
        cards = [
            RunCard.read(folder / f"{processes}/1/out/{name}_iter_4.run.json")
            for processes in (1, 2, 4)
        ]
        assert [(card.processes, card.shards) for card in cards] == [(n, SHARDS) for n in (1, 2, 4)]
        assert cards[0].figures["tests"]
        assert cards[0].figures == cards[1].figures == cards[2].figures
        assert len({card.identity for card in cards}) == 1


def test_the_first_process_alone_writes_the_diary_and_prints(folder: Path) -> None:
    diaries = [
        (folder / f"{processes}/1/out/lenet.events.jsonl").read_text().count('"snapshot"')
        for processes in (1, 4)
    ]
    assert diaries[0] == diaries[1] == 2


def test_a_killed_process_ends_the_job_and_any_number_goes_on(folder: Path, tmp_path: Path) -> None:
    names = ("siamese_28x28_best", "siamese_lstm_telecom_batchnorm")
    for name in names:
        broken = _launch(folder, 2, tmp_path, name, "--dies")
        assert broken.returncode != 0
        assert not (tmp_path / f"1/out/{name}_iter_4.caffemodel").exists()
    shutil.copytree(tmp_path / "1", tmp_path / "again/1")
    shutil.copytree(tmp_path / "1", tmp_path / "again/2")
    done = _launch(folder, 4, tmp_path / "again", *names)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in names:
        for threads in (1, 2):
            found = _bytes(tmp_path / f"again/{threads}", name)
            assert found == _bytes(folder / "1/1", name)
