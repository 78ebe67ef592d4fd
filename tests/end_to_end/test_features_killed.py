"""kill -9 while a table of features is made, again and again: the end is the same, byte by byte."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mycaffe_py.data.dataset_paths import table_folder
from mycaffe_py.data.feature_tables.feature_card import TableFiles, read_card
from mycaffe_py.data.source import open_source
from tests.end_to_end.small_features import VARIANTS
from tests.evaluate.bases import write_base

TOP = Path(__file__).resolve().parents[2]
KILLS, SHARES = 5, 8
_PATIENCE_S = 120


def _start(base: tuple[Path, Path]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.end_to_end.small_features", *map(str, base)]
    return subprocess.Popen(command, cwd=TOP, stderr=subprocess.PIPE, env=dict(os.environ))


def _contents() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in table_folder("T").iterdir()}


def _kill_later(process: subprocess.Popen[bytes], started: Path, rows: int) -> int:
    """Kill once `rows` rows are noted, at any moment of writing the next; the rows there then."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        if started.exists() and read_card(started)[1] >= rows:
            break
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    _, err = process.communicate()
    assert process.returncode == -signal.SIGKILL, err.decode()
    return read_card(started)[1]


@pytest.mark.slow
def test_a_killed_table_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    base = write_base(tmp_path)
    _, err = (whole := _start(base)).communicate()
    assert whole.returncode == 0, err.decode()
    wanted = _contents()
    count = len(open_source("T.training"))
    assert count == VARIANTS * len(open_source("digits28.training"))
    for path in table_folder("T").iterdir():
        path.unlink()
    started = TableFiles.of("T", "training").started
    draw = random.Random(1)
    done = [0]
    for kill in range(KILLS):
        # In the first five eighths: a quick machine writes thousands of rows before it is killed.
        rows = count * kill // SHARES + draw.randrange(count // SHARES)
        done.append(_kill_later(_start(base), started, rows))
    assert done == sorted(done)
    assert 0 < done[-1] < count
    _, err = (last := _start(base)).communicate()
    assert last.returncode == 0, err.decode()
    assert _contents() == wanted
