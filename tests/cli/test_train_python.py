"""`mycaffe train` on a net with a layer of the user's own, started from another folder."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mycaffe_py.snapshot.weights import read_weights
from tests.solver.tiny import NET, SOLVER

Run = Callable[..., Any]

# As it would be written for Caffe.
CODE = """
import caffe
import numpy as np
import shift_by


class ScaledLoss(caffe.Layer):
    def setup(self, bottom, top):
        self.blobs.add_blob(3)
        self.blobs[0].data[...] = shift_by.AMOUNT
        top[0].reshape(1)

    def reshape(self, bottom, top):
        self.difference = np.zeros_like(bottom[0].data)

    def forward(self, bottom, top):
        self.difference[...] = bottom[0].data - self.blobs[0].data - bottom[1].data
        top[0].data[...] = np.sum(self.difference**2) / bottom[0].num / 2.0
        if self.param_str == "break":
            raise RuntimeError("had enough")

    def backward(self, top, propagate_down, bottom):
        gradient = top[0].diff[0] * self.difference / bottom[0].num
        self.blobs[0].diff[...] -= gradient.sum(axis=0)
        if propagate_down[0]:
            bottom[0].diff[...] = gradient
"""
LOSS = 'layer { name: "loss" type: "EuclideanLoss" bottom: "y" bottom: "t" top: "loss" }'
MINE = """
layer { name: "loss" type: "Python" bottom: "y" bottom: "t" top: "loss" loss_weight: 1
  python_param { module: "scaled_loss_of_test" layer: "ScaledLoss" PARAM } }
"""


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder below the one where the command runs, with texts and modules."""
    folder = tmp_path / "net"
    folder.mkdir()
    (folder / "tiny.prototxt").write_text(NET.replace(LOSS, MINE).replace("PARAM", ""))
    (folder / "tiny.solver").write_text(SOLVER)
    (folder / "scaled_loss_of_test.py").write_text(CODE)
    (folder / "shift_by.py").write_text("AMOUNT = 0.25\n")
    for name in ("scaled_loss_of_test", "shift_by"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return folder


def test_it_learns_and_is_saved(mycaffe: Run, texts: Path, tmp_path: Path) -> None:
    path = list(sys.path)
    done = mycaffe("train", "--solver", "net/tiny.solver", "--seed", "5")
    assert done.code == 0, done.err
    assert sys.path == path
    (weights,) = tmp_path.rglob("tiny_iter_12.caffemodel")
    (blob,) = read_weights(weights).layers["loss"]
    assert blob.array.shape == (3,)
    assert (blob.array != 0.25).all() and np.abs(blob.array - 0.25).max() < 0.5


def test_its_exception_is_one_line(mycaffe: Run, texts: Path) -> None:
    text = NET.replace(LOSS, MINE.replace("PARAM", 'param_str: "break"'))
    (texts / "tiny.prototxt").write_text(text)
    done = mycaffe("train", "--solver", "net/tiny.solver")
    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert "layer 'loss' (Python): ScaledLoss.forward raised RuntimeError: had enough" in done.err
    assert f"{texts / 'scaled_loss_of_test.py'}:20)" in done.err


def test_a_run_says_which_code_it_runs_and_from_where(texts: Path, mycaffe: Run) -> None:
    result = mycaffe("train", "--solver", str(texts / "tiny.solver"))
    file = texts / "scaled_loss_of_test.py"
    runs = "Code: layer 'loss' (Python) runs 'ScaledLoss' of module 'scaled_loss_of_test' from"
    assert result.out.splitlines().count(f"{runs} {file}") == 1


MIXED = """
layer {
  name: "d" type: "Data" top: "x" top: "t" data_param { batch_size: 24 }
  python_source_param { NAMED param_str: "telecom.training 12" }
}
layer {
  name: "ip" type: "InnerProduct" bottom: "x" top: "y"
  inner_product_param { num_output: 15 weight_filler { type: "xavier" } }
}
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "y" bottom: "t" top: "loss" }
"""
MIXED_SOLVER = """
net: "mixed.prototxt" base_lr: 0.01 lr_policy: "fixed" max_iter: 6 snapshot_prefix: "PREFIX"
"""


@pytest.mark.slow
def test_a_run_of_the_old_path_goes_on_and_ends_as_one_of_the_name(
    mycaffe: Run, tmp_path: Path
) -> None:
    """Snapshots made before sources had names hold texts with the module's path."""
    ends = []
    old = 'module: "mycaffe_py.data.counters.mixtures" function: "Mixtures"'
    for prefix, named in (("old", old), ("new", 'module: "mixtures"')):
        (tmp_path / "mixed.prototxt").write_text(MIXED.replace("NAMED", named))
        (tmp_path / "mixed.solver").write_text(MIXED_SOLVER.replace("PREFIX", prefix))
        part = ("--set", "solver.max_iter=3") if prefix == "old" else ()
        assert mycaffe("train", "--solver", "mixed.solver", "--seed", "5", *part).code == 0
        if prefix == "old":
            (tmp_path / "mixed.prototxt").unlink()
            gone_on = mycaffe("resume", "old_iter_3.solverstate", "--iterations", "6")
            assert gone_on.code == 0, gone_on.err
            assert "Code:" not in gone_on.out, "it is no code of the user's"
        ends.append(read_weights(tmp_path / f"{prefix}_iter_6.caffemodel").layers["ip"])
    for one, other in zip(*ends, strict=True):
        np.testing.assert_array_equal(one.array, other.array)
