"""Lock files: one holder at a time, and none that a kill leaves behind."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.files import lock
from mycaffe_py.files.lock import locked
from mycaffe_py.process import start_time

HOLD = """
import sys
from pathlib import Path
from mycaffe_py.files.lock import locked
with locked(Path(sys.argv[1]), "the run", do="Wait."):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.lock"


@pytest.fixture
def holder(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the lock until its standard input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def take(path: Path, wait_s: float = 0.0) -> None:
    with locked(path, "the run 'r'", do="Wait for it to end.", wait_s=wait_s):
        assert json.loads(path.read_text())["pid"] == os.getpid()


def test_a_lock_lasts_for_its_block(path: Path) -> None:
    take(path)
    assert not path.exists()
    take(path)


def test_the_second_process_is_refused_with_the_number_of_the_first(
    path: Path, holder: subprocess.Popen[bytes]
) -> None:
    with pytest.raises(UserError, match=rf"the run 'r' is held by process {holder.pid} \(lock"):
        take(path)
    assert json.loads(path.read_text())["pid"] == holder.pid


def test_who_may_wait_gets_it_when_the_first_has_ended(
    path: Path, holder: subprocess.Popen[bytes]
) -> None:
    assert holder.stdin is not None
    threading.Timer(0.1, holder.stdin.close).start()
    take(path, wait_s=20)


def test_two_threads_exclude_each_other(path: Path) -> None:
    with locked(path, "the run", do=""), pytest.raises(UserError, match=f"process {os.getpid()}"):
        take(path)
    take(path)


def test_the_lock_of_a_killed_process_is_taken_over_with_a_line(
    path: Path, holder: subprocess.Popen[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert path.exists()
    take(path)
    assert capsys.readouterr().err == (
        f"The lock of process {holder.pid}, which is gone, is taken over: {path}\n"
    )
    assert not path.exists()


@pytest.mark.parametrize("flock", [True, False])
def test_a_number_given_to_another_process_since_then_does_not_hold(
    path: Path, flock: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if not flock:
        monkeypatch.setattr(lock, "_flock", lambda handle: None)
    tale = {"pid": os.getppid(), "started": "long ago", "host": platform.node()}
    path.write_text(json.dumps(tale))
    take(path)
    assert f"process {os.getppid()}, which is gone" in capsys.readouterr().err
    path.write_text(json.dumps(tale | {"started": start_time(os.getppid())}))
    with pytest.raises(UserError, match=f"held by process {os.getppid()}"):
        take(path)


def test_without_file_locks_another_machine_is_believed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text('{"pid": 1, "started": "", "host": "other.example"}')
    take(path)
    path.write_text('{"pid": 1, "started": "", "host": "other.example"}')
    monkeypatch.setattr(lock, "_flock", lambda handle: None)
    with pytest.raises(UserError, match=r"process 1 on other\.example"):
        take(path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1}'])
def test_a_lock_that_tells_nobody_is_taken(path: Path, content: str) -> None:
    path.write_text(content)
    take(path)


def test_what_is_no_file_is_not_written_to(path: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    path.symlink_to(tmp_path / "precious")
    with pytest.raises(MyCaffeError, match="cannot lock the run 'r'"):
        take(path)
    assert (tmp_path / "precious").read_text() == "mine"
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(MyCaffeError, match="it is no file"):
        take(path)
    with pytest.raises(MyCaffeError, match="cannot lock"):
        take(tmp_path / "missing" / "run.lock")
