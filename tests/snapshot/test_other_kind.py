"""A file of another kind than the one that is wanted is named, and the right one beside it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mycaffe_py.pycaffe as caffe
from mycaffe_py.errors import UserError
from mycaffe_py.snapshot.state import read_state
from mycaffe_py.snapshot.weights import LayerWeights, read_weights, write_weights
from tests.solver.tiny import NET, SOLVER

Run = Callable[..., Any]
GOLDEN = Path(__file__).parent.parent / "golden" / "solvers" / "adam"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A snapshot of Caffe's, and two texts."""
    for ending in ("caffemodel", "solverstate"):
        shutil.copy(GOLDEN / f"snap_iter_3.{ending}", tmp_path)
    (tmp_path / "tiny.prototxt").write_text(NET)
    (tmp_path / "tiny.solver").write_text(SOLVER)
    return tmp_path


def test_weights_for_a_state(files: Path) -> None:
    with pytest.raises(UserError) as caught:
        read_state(files / "snap_iter_3.caffemodel")
    assert str(caught.value) == (
        f"{files}/snap_iter_3.caffemodel is no solverstate, it is a .caffemodel (weights). The "
        f".solverstate beside it is {files}/snap_iter_3.solverstate. To start a new run from these "
        "weights use --weights."
    )


def test_a_state_for_weights(files: Path) -> None:
    with pytest.raises(UserError) as caught:
        read_weights(files / "snap_iter_3.solverstate")
    assert str(caught.value) == (
        f"{files}/snap_iter_3.solverstate is no caffemodel, it is a .solverstate. The .caffemodel "
        f"beside it is {files}/snap_iter_3.caffemodel. --snapshot of 'mycaffe train' takes it, or "
        "'mycaffe resume'."
    )


def test_only_what_is_there_is_named_as_lying_beside_it(files: Path) -> None:
    (files / "snap_iter_3.caffemodel").rename(files / "w.caffemodel")
    with pytest.raises(UserError, match=r"it is a \.solverstate\. --snapshot"):
        read_weights(files / "snap_iter_3.solverstate")
    with pytest.raises(UserError, match=r"\(weights\)\. To start"):
        read_state(files / "w.caffemodel")


def test_weights_in_hdf5_for_a_state(tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    path = tmp_path / "n_iter_5.caffemodel.h5"
    ip = caffe.proto.caffe_pb2.LayerParameter(name="ip", type="InnerProduct")
    write_weights(path, "net", [LayerWeights(ip, [np.ones(2, np.float32)])], hdf5=True)
    with pytest.raises(UserError, match=r"is no solverstate, it is a .caffemodel.h5 \(weights\)"):
        read_state(path)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("train", "--solver", "tiny.solver", "--snapshot", "snap_iter_3.caffemodel"),
         "is no solverstate, it is a .caffemodel (weights). The .solverstate beside it is snap"),
        (("train", "--solver", "tiny.solver", "--snapshot", "tiny.prototxt"),
         "'tiny.prototxt' is no file of a snapshot but a model text"),
        (("train", "--solver", "tiny.solver", "--weights", "snap_iter_3.solverstate"),
         "is no caffemodel, it is a .solverstate"),
        (("train", "--solver", "tiny.solver", "--weights", "tiny.prototxt"),
         "is no caffemodel, it is a model text. The field 'net' of a solver text names it"),
        (("train", "--solver", "snap_iter_3.caffemodel"),
         "this is a .caffemodel (weights); a text is wanted. --weights takes it."),
        (("explain", "model", "tiny.solver"),
         "tiny.solver: this is a solver text; a model text is wanted. --solver of 'mycaffe "
         "train' takes it."),
        (("train", "--solver", "tiny.prototxt"),
         "a solver text is wanted. The field 'net' of a solver text names it"),
        (("explain", "solver", "tiny.prototxt"), "this is a model text; a solver text is wanted"),
        (("test", "--model", "snap_iter_3.caffemodel", "--weights", "tiny.prototxt"),
         "this is a .caffemodel (weights); a text is wanted"),
        (("time", "--model", "snap_iter_3.solverstate"),
         "this is a .solverstate; a text is wanted"),
        (("export", "onnx", "tiny.prototxt", "--weights", "snap_iter_3.solverstate"),
         "is no caffemodel, it is a .solverstate"),
    ],
)  # fmt: skip
def test_commands_name_what_they_are_given(
    mycaffe: Run, files: Path, words: tuple[str, ...], told: str
) -> None:
    done = mycaffe(*words)
    assert done.code == 2
    assert told in done.err


def test_scripts_are_told_too(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(files)
    solver = caffe.SGDSolver("tiny.solver")
    with pytest.raises(UserError, match=r"is no solverstate, it is a .caffemodel \(weights\)"):
        solver.restore("snap_iter_3.caffemodel")
    with pytest.raises(UserError, match=r"this is a .caffemodel \(weights\); a text is wanted"):
        caffe.Net("snap_iter_3.caffemodel", caffe.TEST, weights="tiny.prototxt")


def test_what_is_no_picture_is_named(mycaffe: Run, siamese_snapshot: Path, files: Path) -> None:
    done = mycaffe("test", "tiny.prototxt", "--snapshot", str(siamese_snapshot))
    assert "no picture format known to Pillow; it is a model text." in done.err
