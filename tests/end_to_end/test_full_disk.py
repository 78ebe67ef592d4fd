"""No room for a snapshot: one error, the earlier ones intact, and the run goes on from them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.small_run import TRAIN, final_bytes, start, write_texts


def mount(folder: Path, options: str) -> bool:
    """Whether a file system in memory could be mounted on `folder`."""
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for two snapshots and a half, if this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mount(folder, "size=224k"):
        pytest.skip("this user may not mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
def test_a_full_disk_stops_the_run_and_harms_nothing(tmp_path: Path, small_disk: Path) -> None:
    write_texts(tmp_path / "whole")
    whole = start(tmp_path / "whole", *TRAIN)
    write_texts(small_disk)
    full = start(small_disk, *TRAIN)
    _, err = full.communicate(timeout=120)
    assert full.returncode == 1
    assert "cannot write snapshots/small_iter_" in err
    assert "No space left on device" in err
    assert "Traceback" not in err
    last = max((small_disk / "snapshots").glob("*.solverstate"), key=lambda p: p.stat().st_mtime)
    assert f"mycaffe resume snapshots/{last.name}" in err
    assert mount(small_disk, "remount,size=16m")
    resumed = start(small_disk, "resume", "--threads", "1")
    out, err = resumed.communicate(timeout=120)
    assert resumed.returncode == 0, err
    assert f"Restored snapshots/{last.name}" in out
    whole.communicate(timeout=120)
    assert final_bytes(small_disk) == final_bytes(tmp_path / "whole")
