"""What trains outlives the studio; what was killed is told, gone on with, and met by no other."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.studio.conftest import Page, Served

pytestmark = pytest.mark.slow
NET = """name: "tiny"
layer { name: "d" type: "DummyData" top: "d" top: "l"
  dummy_data_param { shape { dim: 64 dim: 30 } shape { dim: 64 }
    data_filler { type: "gaussian" std: 1 } data_filler { type: "constant" } } }
layer { name: "ip" type: "InnerProduct" bottom: "d" top: "ip"
  inner_product_param { num_output: 20 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "l" top: "loss" }
"""
SOLVER = """net: "tiny.prototxt" base_lr: 0.001 momentum: 0.9 lr_policy: "fixed" random_seed: 5
max_iter: 100000000 display: 1000 snapshot: 2000 snapshot_prefix: "snapshots/tiny"
"""
RUN = "snapshots/tiny"


@pytest.fixture
def folder(page: Page) -> Iterator[Path]:
    """The studio's folder with a net that trains until it is stopped, at the latest with the test.

    A run outlives its studio: one that was left behind would keep a core busy for hours.
    """
    (page.studio.folder / "tiny.prototxt").write_text(NET)
    (page.studio.folder / "tiny.solver").write_text(SOLVER)
    yield page.studio.folder
    for began in events(page.studio.folder):
        words = Path(f"/proc/{began.get('pid', 0)}/cmdline")
        if words.is_file() and "tiny" in words.read_text():
            os.kill(began["pid"], signal.SIGKILL)


def post(page: Page, path: str, **asked: object) -> Any:
    """What the studio answers to the page."""
    return page.driver.execute_async_script(
        "const [path, body, done] = arguments; fetch(path, {method: 'POST', body, headers: "
        "{'Content-Type': 'application/json'}}).then((r) => r.json()).then(done)",
        path, json.dumps(asked),
    )  # fmt: skip


def events(folder: Path) -> list[dict[str, Any]]:
    """The whole events of the run's diary."""
    path = folder / f"{RUN}.events.jsonl"
    lines = path.read_text().split("\n")[:-1] if path.is_file() else []
    return [json.loads(line) for line in lines]


def trains(page: Page, folder: Path) -> int:
    """The process that trains, once its loop goes."""
    page.until(lambda: any(one["kind"] == "display" for one in events(folder)), "the loop")
    return int(next(one["pid"] for one in reversed(events(folder)) if one["kind"] == "begin"))


def states(folder: Path) -> list[int]:
    """The iterations of which the run can be gone on with."""
    found = (folder / "snapshots").glob("tiny_iter_*.solverstate")
    return sorted(int(path.name.split("_iter_")[1].split(".")[0]) for path in found)


def stopped(page: Page, folder: Path) -> None:
    """The run has ended as it was asked to."""
    page.until(lambda: events(folder)[-1].get("outcome") == "stopped", "the end of the run")


def command(folder: Path, environment: dict[str, str], *words: str) -> Any:
    """The public command in the studio's folder."""
    return subprocess.run(
        [sys.executable, "-m", "mycaffe_py", *words],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@contextmanager
def of_a_terminal(folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The training as somebody types it. It is killed at the end, also of a test that fails.

    Popen's own end waits for the process, and this one would train for many hours.
    """
    line = [sys.executable, "-m", "mycaffe_py", "train", "--solver=tiny.solver"]
    with subprocess.Popen(line, cwd=folder, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_run_outlives_the_studio_and_the_next_one_can_stop_it(
    page: Page, folder: Path, serve: Callable[[Path], Served]
) -> None:
    post(page, "/api/job", do="train", solver="tiny.solver")
    trains(page, folder)
    page.studio.process.kill()
    page.studio.process.wait()
    before = len(events(folder))
    page.until(lambda: len(events(folder)) > before + 2, "more events without a studio")
    page.driver.get("about:blank")
    again = Page(page.driver, serve(folder))
    again.find("section[aria-label='Running now']", RUN)
    again.open(f"/run/{RUN}")
    again.find(".state", "running")
    again.click("button", "Stop")
    again.find(".state", "stopped")
    stopped(again, folder)
    assert states(folder)


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_a_killed_run_is_told_and_gone_on_with_to_the_same_bits(
    page: Page, folder: Path, environment: dict[str, str]
) -> None:
    post(page, "/api/job", do="train", solver="tiny.solver")
    _kill(page, folder)
    last = states(folder)[-1] + 500
    page.until(lambda: _typed(page, str(last)), "the number of iterations")
    page.click("button", "Go on")
    page.find(".state", "done")
    whole = "--set=solver.snapshot_prefix=whole/tiny"
    words = ["train", "--solver=tiny.solver", f"--iterations={last}", whole]
    assert command(folder, environment, *words).returncode == 0
    sums = [
        hashlib.sha256((folder / at / f"tiny_iter_{last}.caffemodel").read_bytes()).hexdigest()
        for at in ("snapshots", "whole")
    ]
    assert sums[0] == sums[1]


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_a_killed_run_of_a_terminal_is_told_too(
    page: Page, folder: Path, environment: dict[str, str]
) -> None:
    with of_a_terminal(folder, environment):
        _kill(page, folder)


def _typed(page: Page, text: str) -> bool:
    """Whether the field holds what was typed: the page makes it anew while it tells the end."""
    field = page.find("#until")
    field.clear()
    field.send_keys(text)
    time.sleep(0.5)
    return page.find("#until").get_attribute("value") == text


def _kill(page: Page, folder: Path) -> None:
    """Kill the run once it has a snapshot, and see the page tell it in time."""
    pid = trains(page, folder)
    page.until(lambda: states(folder), "a snapshot")
    page.open(f"/run/{RUN}")
    page.find(".state", "running")
    os.kill(pid, signal.SIGKILL)
    began = time.monotonic()
    page.find(".state", "ended (killed)")
    assert time.monotonic() - began < 2.0 * 3  # the margin of a busy machine
    page.find(".notice", "Resume goes on from its newest snapshot")


def test_a_second_start_of_a_run_is_refused_and_the_first_goes_on(
    page: Page, folder: Path, environment: dict[str, str]
) -> None:
    first = post(page, "/api/job", do="train", solver="tiny.solver")
    assert first["run"] == RUN
    again = post(page, "/api/job", do="train", solver="tiny.solver", seed=9)
    assert f"the run 'tiny' is already begun: {first['command']}" in again["error"]["found"]
    pid = trains(page, folder)
    page.open("/solver/tiny.solver")
    page.click("button.primary", "Train")
    page.find(".fault", "is already begun")
    page.find(".fault", "another snapshot_prefix")
    page.problems()  # the refusal that was asked for
    by_command = command(folder, environment, "train", "--solver=tiny.solver", "--seed=9")
    assert by_command.returncode == 2 and f"is held by process {pid}" in by_command.stderr
    assert [one["pid"] for one in events(folder) if one["kind"] == "begin"] == [pid]
    assert not (folder / "snapshots" / "tiny_runs").exists()
    post(page, "/api/run/stop", run=RUN)
    stopped(page, folder)


def test_a_start_beside_a_run_of_a_terminal_is_refused(
    page: Page, folder: Path, environment: dict[str, str]
) -> None:
    with of_a_terminal(folder, environment) as other:
        pid = trains(page, folder)
        refused = post(page, "/api/job", do="train", solver="tiny.solver")
        assert f"the run 'tiny' trains already, in process {pid}" in refused["error"]["found"]
        elsewhere = ["solver.snapshot_prefix=other/tiny"]
        free = post(
            page, "/api/job", do="train", solver="tiny.solver", iterations=10, sets=elsewhere
        )
        assert free["run"] == "other/tiny"
        page.until(lambda: list((folder / "other").glob("tiny_iter_10.*")), "the other run")
        other.send_signal(signal.SIGINT)
        assert other.wait(60) == 130
    assert events(folder)[-1]["outcome"] == "stopped"
