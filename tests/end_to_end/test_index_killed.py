"""kill -9 while pictures are added, at any moment: the index is the old one or the new one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mycaffe_py.retrieve.index.index import Index
from mycaffe_py.retrieve.index.index_card import index_folder
from tests.retrieve.index.digits import make_index, write_digits, write_one

TOP = Path(__file__).resolve().parents[2]
KILLS = 12
# Adds and removes a picture again and again; tells when it begins.
_CODE = """
import sys
from mycaffe_py.retrieve.index.build import add_to_index
from mycaffe_py.retrieve.index.helping import Wanted
from mycaffe_py.retrieve.index.removing import remove_from_index
print("begun", flush=True)
while True:
    add_to_index("N", [], Wanted())
    remove_from_index("N", [sys.argv[1]])
"""


@pytest.mark.slow
def test_a_killed_change_leaves_the_old_index_or_the_new_one(siamese_snapshot, tmp_path) -> None:
    folder = write_digits(tmp_path / "pictures")
    old = make_index(siamese_snapshot, folder, name="N").index
    wanted = {old.path(row): old.rows[row].tobytes() for row in range(len(old))}
    added = write_one(folder / "0" / "new.png", 5)
    draw = random.Random(1)
    lengths = set()
    for _ in range(KILLS):
        command = [sys.executable, "-c", _CODE, str(added)]
        process = subprocess.Popen(
            command, cwd=TOP, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        time.sleep(draw.random() * 0.2)
        process.send_signal(signal.SIGKILL)
        _, err = process.communicate()
        assert process.returncode == -signal.SIGKILL, err.decode()
        index = Index.open("N")
        lengths.add(len(index))
        found = {index.path(row): index.rows[row].tobytes() for row in range(len(index))}
        found.pop(str(added), None)
        assert found == wanted
    assert lengths <= {12, 13}
    # The next change finds the lock of a process that is gone, and clears what it left.
    from mycaffe_py.retrieve.index.build import add_to_index
    from mycaffe_py.retrieve.index.helping import Wanted

    assert len(add_to_index("N", [], Wanted()).index) == 13
    assert len([path for path in index_folder("N").iterdir() if path.name[0] != "."]) == 4


@pytest.mark.slow
def test_of_two_processes_one_waits_for_no_other(siamese_snapshot, tmp_path) -> None:
    make_index(siamese_snapshot, write_digits(tmp_path / "pictures"), name="N")
    hold = (
        "import sys\nfrom mycaffe_py.retrieve.index.index_card import alone\n"
        "with alone('N'):\n    print('held', flush=True)\n    sys.stdin.readline()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", hold], cwd=TOP, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    second = subprocess.run(
        [sys.executable, "-m", "mycaffe_py", "index", "add", "N"],
        cwd=TOP, capture_output=True, text=True, check=False,
    )  # fmt: skip
    holder.communicate(b"\n")
    assert second.returncode == 2
    assert second.stderr.count("mycaffe: error:") == 1
    assert "index 'N' is held by process" in second.stderr
