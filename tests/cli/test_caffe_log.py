"""--caffe-log: the tools that read Caffe's logs find in ours what they look for.

The patterns are those of Caffe's tools/extra: parse_log.py and extract_seconds.py. parse_log.sh
counts words instead: the rate is the 9th of its line, an output of a test the 11th.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Result
from tests.solver.tiny import NET, SOLVER

ITERATION = re.compile(r"Iteration (\d+)")
TRAIN_OUTPUT = re.compile(r"Train net output #(\d+): (\S+) = ([\.\deE+-]+)")
TEST_OUTPUT = re.compile(r"Test net output #(\d+): (\S+) = ([\.\deE+-]+)")
RATE = re.compile(r"lr = ([-+]?[0-9]*\.?[0-9]+([eE]?[-+]?[0-9]+)?)")
PREFIX = re.compile(r"I(\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{6}) +(\d+) [a-z_]+\.cpp:\d+\] ")
TESTS = " display: 4 test_iter: 3 test_interval: 6 snapshot: 6 "


@pytest.fixture
def train(mycaffe, tmp_path):
    (tmp_path / "tiny.prototxt").write_text(NET)
    (tmp_path / "tiny.solver").write_text(SOLVER + TESTS)

    def run(*arguments):
        done = mycaffe("train", "--solver", "tiny.solver", "--seed", "1", *arguments)
        assert done.code == 0, done.err
        return done

    return run


def parsed(lines):
    """What parse_log.py makes of them: rows of (iteration, rate, name, value) for both phases."""
    iteration, rate = -1, None
    rows = {"train": [], "test": []}
    for line in lines:
        found = ITERATION.search(line)
        if found:
            iteration = int(found.group(1))
        if iteration == -1:
            continue
        assert PREFIX.match(line), line
        found = RATE.search(line)
        if found:
            rate = float(found.group(1))
        for kind, pattern in (("train", TRAIN_OUTPUT), ("test", TEST_OUTPUT)):
            found = pattern.search(line)
            if found:
                rows[kind].append((iteration, rate, found.group(2), float(found.group(3))))
    return rows


def test_caffes_tools_read_it(train, tmp_path: Path) -> None:
    done = train("--caffe-log", "run.log")
    assert "Iteration 0, Testing net (#0): loss = " in done.out
    lines = (tmp_path / "run.log").read_text().splitlines()
    rows = parsed(lines)
    assert [(i, rate) for i, rate, _, _ in rows["train"]] == [(0, None), (4, 0.02), (8, 0.01)]
    assert [i for i, _, _, _ in rows["test"]] == [0, 6, 12]
    assert {name for _, _, name, _ in rows["train"] + rows["test"]} == {"loss"}
    shown = [
        float(v) for v in re.findall(r"^Iteration \d+,? .*loss = ([0-9.]+), lr", done.out, re.M)
    ]
    assert [value for _, _, _, value in rows["train"]] == shown
    start = next(i for i, line in enumerate(lines) if "] Solving tiny" in line)
    assert start < next(i for i, line in enumerate(lines) if "Iteration" in line)
    assert "" not in lines


def test_the_words_and_their_places(train, tmp_path: Path) -> None:
    train("--caffe-log", "run.log")
    texts = [PREFIX.sub("", line) for line in (tmp_path / "run.log").read_text().splitlines()]
    pace = re.compile(r"\([0-9.e+-]+ iter/s, [0-9.e+-]+s/4 iters\)")
    texts = [pace.sub("(PACE)", text) for text in texts]
    values = re.compile(r"(loss = )[0-9.]+")
    shape = [values.sub(r"\1V", text.replace("(* 1 = ", "(* 1 = loss = ")) for text in texts]
    assert shape == [
        "Starting Optimization",
        "Solving tiny",
        "Learning Rate Policy: multistep",
        "Iteration 0, Testing net (#0)",
        "    Test net output #0: loss = V (* 1 = loss = V loss)",
        "Iteration 0 (PACE), loss = V",
        "    Train net output #0: loss = V (* 1 = loss = V loss)",
        "Iteration 0, lr = 0.02",
        "MultiStep Status: Iteration 3, step = 1",
        "Iteration 4 (PACE), loss = V",
        "    Train net output #0: loss = V (* 1 = loss = V loss)",
        "Iteration 4, lr = 0.01",
        "Snapshotting to binary proto file snapshots/tiny_iter_6.caffemodel",
        "Snapshotting solver state to binary proto file snapshots/tiny_iter_6.solverstate",
        "Iteration 6, Testing net (#0)",
        "    Test net output #0: loss = V (* 1 = loss = V loss)",
        "Iteration 8 (PACE), loss = V",
        "    Train net output #0: loss = V (* 1 = loss = V loss)",
        "Iteration 8, lr = 0.01",
        "MultiStep Status: Iteration 9, step = 2",
        "Snapshotting to binary proto file snapshots/tiny_iter_12.caffemodel",
        "Snapshotting solver state to binary proto file snapshots/tiny_iter_12.solverstate",
        "Iteration 12, Testing net (#0)",
        "    Test net output #0: loss = V (* 1 = loss = V loss)",
        "Iteration 12, loss = V",
        "Optimization Done.",
        "Optimization Done.",
    ]


def test_columns_as_parse_log_sh_counts_them(train, tmp_path: Path) -> None:
    train("--caffe-log", "run.log")
    for line in (tmp_path / "run.log").read_text().splitlines():
        words = line.split()
        if ", lr = " in line:
            assert words[8] in ("0.02", "0.01", "0.005")
        if "Test net output" in line:
            assert float(words[10]) > 0


def test_without_a_file_it_stands_in_for_the_display(train) -> None:
    done = train("--caffe-log")
    rows = parsed(line for line in done.err.splitlines() if PREFIX.match(line))
    assert len(rows["train"]) == len(rows["test"]) == 3
    assert "Iteration" not in done.out
    assert "Optimization Done. 12 iterations" in done.out


def test_a_run_that_goes_on_adds_to_its_log(
    train, mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    train("--iterations", "6", "--caffe-log", "run.log")
    before = (tmp_path / "run.log").read_text()
    assert mycaffe("resume", "--iterations", "12", "--caffe-log", "run.log").code == 0
    after = (tmp_path / "run.log").read_text()
    assert after.startswith(before)
    assert "] Resuming from snapshots/tiny_iter_6.solverstate\n" in after[len(before) :]


def test_a_log_that_cannot_be_written(
    mycaffe: Callable[..., Result], train, tmp_path: Path
) -> None:
    done = mycaffe("train", "--solver", "tiny.solver", "--caffe-log", "no/folder/x.log")
    assert done.code == 2
    assert "the log 'no/folder/x.log' cannot be written" in done.err


def test_hdf5_snapshots_are_called_so(train, tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    train("--caffe-log", "run.log", "--set", "solver.snapshot_format=HDF5")
    text = (tmp_path / "run.log").read_text()
    assert "Snapshotting to HDF5 file snapshots/tiny_iter_6.caffemodel.h5\n" in text
    assert "Snapshotting solver state to HDF5 file snapshots/tiny_iter_6.solverstate.h5\n" in text


def test_several_outputs_are_numbered_by_name_element_by_element(
    train, mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    more = 'layer { name: "m" type: "Reduction" bottom: "y" top: "a_mean"'
    more += " loss_weight: 0.5 reduction_param { axis: 1 } }\n"
    (tmp_path / "tiny.prototxt").write_text(NET + more)
    train("--caffe-log", "run.log")
    found = re.findall(
        r"Train net output (#\d+: \S+) = \S+( \(\* \S+)?", (tmp_path / "run.log").read_text()
    )
    first = [(f"#{i}: a_mean", " (* 0.5") for i in range(8)] + [("#8: loss", " (* 1")]
    assert found[:9] == first


def test_clipped_gradients_are_told(train, tmp_path: Path) -> None:
    train("--caffe-log", "run.log", "--set", "solver.clip_gradients=0.25")
    said = re.findall(
        r"Gradient clipping: scaling down gradients \(L2 norm (\S+) > 0.25\) by scale factor (\S+)",
        (tmp_path / "run.log").read_text(),
    )
    assert said
    for norm, factor in said:
        assert float(norm) * float(factor) == pytest.approx(0.25, rel=1e-4)
