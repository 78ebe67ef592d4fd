"""The shell is told how a line may go on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("line", "among", "never"),
    [
        ("mycaffe tr", {"train", "trust"}, "test-many"),
        ("mycaffe train --sh", {"--shards"}, "--solver"),
        ("mycaffe dataset create im", {"images"}, "mnist"),
    ],
)
def test_commands_and_options_are_completed(
    line: str, among: set[str], never: str, tmp_path: Path
) -> None:
    """As bash asks: the line in the environment, the answer in a file."""
    answer = tmp_path / "answer"
    environment = {
        **os.environ, "_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line)),
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer), "_ARGCOMPLETE_IFS": "\n",
    }  # fmt: skip
    command = [sys.executable, "-m", "mycaffe_py"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert not done.stderr
    words = {word.strip() for word in answer.read_text().splitlines()}
    assert among <= words
    assert never not in words
