"""kill -9 at any moment, then `mycaffe resume`: the end is that of an uninterrupted run."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from mycaffe_py.snapshot.names import SnapshotFiles
from tests.end_to_end.small_run import TRAIN, final_bytes, start, write_texts

KILLS = 20
SIDE_BY_SIDE = 2


def finish(process: subprocess.Popen[str]) -> None:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out + err


def go_on(folder: Path) -> tuple[str, ...]:
    """What a user types after a kill; before the first snapshot that is train once more."""
    states = list((folder / "snapshots").glob("*.solverstate"))
    return ("resume", "--threads", "1") if states else TRAIN


class Attempts:
    """Starts the run again and again, kills it, and compares each run that got to its end."""

    def __init__(self, base: Path, wanted: tuple[bytes, bytes], longest_s: float) -> None:
        self.base = base
        self.wanted = wanted
        self.longest_s = longest_s
        self.lock = threading.Lock()
        self.kills = 0
        self.ends = 0
        self.failures: list[str] = []

    def work(self, number: int) -> None:
        """One chain of kills and resumes after the other until there were enough kills."""
        draw = random.Random(number)
        chain = 0
        while not self.failures:
            folder = self.base / f"{number}_{chain}"
            write_texts(folder)
            if not self._to_the_end(folder, draw):
                return
            chain += 1

    def _to_the_end(self, folder: Path, draw: random.Random) -> bool:
        """Whether more kills are needed after this chain came to its end."""
        while True:
            enough = self.kills >= KILLS
            process = start(folder, *go_on(folder))
            try:
                limit = None if enough else draw.uniform(0, self.longest_s)
                out, err = process.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                with self.lock:
                    self.kills += 1
                continue
            with self.lock:
                self.ends += 1
                if process.returncode != 0:
                    self.failures.append(out + err)
                elif final_bytes(folder) != self.wanted:
                    self.failures.append(f"{folder} ended with other bytes")
            return not enough and not self.failures


@pytest.mark.slow
def test_a_killed_run_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    write_texts(tmp_path / "whole")
    began = time.monotonic()
    finish(start(tmp_path / "whole", *TRAIN))
    attempts = Attempts(tmp_path, final_bytes(tmp_path / "whole"), time.monotonic() - began)
    workers = [threading.Thread(target=attempts.work, args=[i]) for i in range(SIDE_BY_SIDE)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not attempts.failures, attempts.failures[0]
    assert attempts.kills >= KILLS
    assert attempts.ends >= SIDE_BY_SIDE


@pytest.mark.slow
def test_the_diary_of_a_resumed_run_tells_everything_once(tmp_path: Path) -> None:
    write_texts(tmp_path)
    process = start(tmp_path, *TRAIN)
    state = tmp_path / "snapshots" / "small_iter_120.solverstate"
    while not state.exists() and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    process.communicate()
    finish(start(tmp_path, "resume", "--threads", "1"))
    lines = (tmp_path / "snapshots" / "small.events.jsonl").read_text().splitlines()
    told = [(event["kind"], event["iteration"]) for event in map(json.loads, lines)]
    for kind, every in (("display", 25), ("test", 100)):
        found = [iteration for name, iteration in told if name == kind]
        assert found == list(range(0, 301, every))


@pytest.mark.slow
def test_ctrl_c_then_resume(tmp_path: Path) -> None:
    write_texts(tmp_path / "whole")
    write_texts(tmp_path / "stopped")
    whole = start(tmp_path / "whole", *TRAIN)
    process = start(tmp_path / "stopped", *TRAIN)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Iteration 25"):
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Stopping after this iteration, with a snapshot" in err
    assert "Optimization stopped early." in out
    assert "Go on with: mycaffe resume snapshots/small_iter_" in out
    finish(start(tmp_path / "stopped", "resume", "--threads", "1"))
    finish(whole)
    assert final_bytes(tmp_path / "stopped") == final_bytes(tmp_path / "whole")


@pytest.mark.slow
def test_the_number_of_threads_changes_no_bit(tmp_path: Path) -> None:
    found = []
    for threads in ("1", "2"):
        folder = tmp_path / threads
        write_texts(folder)
        options = ("--threads", threads, "--iterations", "40")
        finish(start(folder, "train", "--solver", "small.solver", *options))
        files = SnapshotFiles.of(folder / "snapshots" / "small", 40)
        found.append((files.weights.read_bytes(), files.state.read_bytes()))
    assert found[0] == found[1]
