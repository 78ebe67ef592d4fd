"""Commands run beside the studio, one heavy one at a time, and are found again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mycaffe_py.studio.jobs import DEAD, DONE, FAILED, RUNNING, STOPPED, WAITING, Jobs

pytestmark = pytest.mark.slow
SLOW = """name: "slow"
layer { name: "d" type: "DummyData" top: "d" top: "l"
  dummy_data_param { shape { dim: 4 dim: 3 } shape { dim: 4 }
    data_filler { type: "gaussian" std: 1 } data_filler { type: "constant" } } }
layer { name: "ip" type: "InnerProduct" bottom: "d" top: "ip"
  inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "l" top: "loss" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "slow.prototxt").write_text(SLOW)
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.solver").write_text(
            f'net: "slow.prototxt" base_lr: 0.01 lr_policy: "fixed" max_iter: 100000000 '
            f'display: 1000000 snapshot_prefix: "snapshots/{name}"\n'
        )
    return tmp_path


@pytest.fixture
def jobs(folder: Path) -> Iterator[Jobs]:
    made = Jobs(folder / ".mycaffe-studio" / "jobs", folder)
    yield made
    made.close()
    for job in made.all():
        made.stop(job.number, now=True)
        wait(made, job.number, 20)


def wait(jobs: Jobs, number: int, seconds: float) -> str:
    """The state of a job once it neither waits nor runs, or after `seconds`."""
    end = time.monotonic() + seconds
    while (state := jobs.state(jobs.get(number))) in (WAITING, RUNNING):
        if time.monotonic() > end:
            break
        time.sleep(0.1)
    return state


def _until(found: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not found():
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.05)


def _trains(jobs: Jobs, number: int, name: str) -> None:
    diary = jobs.root / "snapshots" / f"{name}.events.jsonl"
    _until(lambda: diary.is_file() and '"begin"' in diary.read_text(), f"{name} in its loop")
    assert jobs.state(jobs.get(number)) == RUNNING


def test_a_command_runs_and_its_words_are_kept(jobs: Jobs) -> None:
    job = jobs.start(["template", "list"])
    assert job.words == "mycaffe template list"
    assert wait(jobs, job.number, 30) == DONE
    assert "siamese_28x28" in jobs.log(job.number).read_text()


def test_a_failure_is_told(jobs: Jobs) -> None:
    job = jobs.start(["train", "--solver=none.solver"])
    assert wait(jobs, job.number, 30) == FAILED
    assert jobs.exit_code(jobs.get(job.number)) == 2
    assert "none.solver" in jobs.log(job.number).read_text()


def test_one_trains_and_others_wait_in_an_order_that_can_be_changed(jobs: Jobs) -> None:
    one, two, three = (
        jobs.start(["train", f"--solver={name}.solver"]).number for name in ("one", "two", "three")
    )
    assert [jobs.state(jobs.get(n)) for n in (one, two, three)] == [RUNNING, WAITING, WAITING]
    listed = jobs.start(["template", "list"])
    assert wait(jobs, listed.number, 30) == DONE
    jobs.move(three, two)
    _trains(jobs, one, "one")
    jobs.stop(one)
    assert wait(jobs, one, 30) == STOPPED
    assert list((jobs.root / "snapshots").glob("one_iter_*.solverstate"))
    _trains(jobs, three, "three")
    assert jobs.state(jobs.get(two)) == WAITING
    jobs.stop(two)
    assert jobs.state(jobs.get(two)) == STOPPED


def test_a_studio_that_starts_anew_finds_what_runs(jobs: Jobs) -> None:
    one = jobs.start(["train", "--solver=one.solver"]).number
    _trains(jobs, one, "one")
    jobs.close()
    other = Jobs(jobs.folder, jobs.root)
    try:
        assert other.state(other.get(one)) == RUNNING
        other.stop(one)
        assert wait(other, one, 30) == STOPPED
    finally:
        other.close()


@pytest.mark.skipif(os.name == "nt", reason="signals of groups are POSIX")
def test_a_process_that_went_without_a_word_is_told(jobs: Jobs) -> None:
    one = jobs.start(["train", "--solver=one.solver"]).number
    _trains(jobs, one, "one")
    os.killpg(jobs.get(one).pid, signal.SIGKILL)
    _until(lambda: jobs.state(jobs.get(one)) == DEAD, "the end")
