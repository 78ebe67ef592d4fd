"""InfogainLoss: the matrix from a file or a bottom, its errors; the identity is SoftmaxWithLoss."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.layers.base import Array
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.layers.harness import LayerRun

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(4, 3))
LABELS = np.array([0, 2, 1, 2.0])
H = RANDOM.uniform(size=(3, 3))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(options: str, *matrix: Array, tops: str = "", labels: Array = LABELS) -> LayerRun:
    bottom = 'bottom: "H"' if matrix else ""
    text = (
        'layer { name: "loss" type: "InfogainLoss" bottom: "x" bottom: "label" '
        f'{bottom} top: "loss" {tops}\n{options} }}'
    )
    return LayerRun(text, [X, labels, *matrix])


def _source(name: str) -> str:
    return f'infogain_loss_param {{ source: "{name}" }}'


def _blob(shape: tuple[int, ...] = (3, 3)) -> bytes:
    values = np.resize(H, shape)
    return pb.BlobProto(
        shape=pb.BlobShape(dim=shape), data=values.ravel().tolist()
    ).SerializeToString()


def test_the_identity_is_softmax_with_loss() -> None:
    softmax = LayerRun(
        'layer { name: "s" type: "SoftmaxWithLoss" bottom: "x" bottom: "label" top: "loss" }',
        [X, LABELS],
    )
    run = _run("", np.eye(3))
    assert run.forward()[0] == pytest.approx(softmax.forward()[0])
    np.testing.assert_allclose(run.backward()[0], softmax.backward()[0])


def test_file_and_bottom_give_the_same(folder: Path) -> None:
    (folder / "H").write_bytes(_blob())
    run = _run(_source("H"), H.astype(np.float32))
    from_file = _run(_source("H"))
    assert from_file.forward() == run.forward()
    np.testing.assert_array_equal(from_file.backward()[0], run.backward()[0])


def test_gradient_through_the_probabilities_is_added() -> None:
    run = _run("", H, tops='top: "p"')
    run.forward()
    dp, zero, one = RANDOM.normal(size=X.shape), np.zeros(X.shape), np.ones(())
    (both, *_), (first, *_), (second, *_) = (
        run.backward(dtops) for dtops in ([one, dp], [one, zero], [0 * one, dp])
    )
    np.testing.assert_allclose(both, np.asarray(first) + np.asarray(second))
    assert np.any(second)


def test_label_out_of_range() -> None:
    with pytest.raises(UserError, match=r"row 0 of bottom 'label' holds label 3; labels run from "):
        _run("", H, labels=np.full(4, 3.0)).forward()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            "",
            "1: layer 'loss' (InfogainLoss): no matrix; infogain_loss_param.source names its "
            "file, or it is a third bottom.",
        ),
        (
            _source("none"),
            "2: layer 'loss' (InfogainLoss): source none cannot be read: No such file or "
            "directory.",
        ),
        (
            _source("text"),
            "2: layer 'loss' (InfogainLoss): source text is no BlobProto",
        ),
        (
            _source("wide"),
            "2: layer 'loss' (InfogainLoss): the blob in wide is (2, 3); bottom 'x' has 3 "
            "classes, which needs a matrix of 3 x 3.",
        ),
        (
            'loss_param { normalize: true } infogain_loss_param { source: "H" }',
            "2: layer 'loss' (InfogainLoss): normalize; this loss knows loss_param.normalization "
            "only.",
        ),
    ],
)
def test_refused(folder: Path, options: str, message: str) -> None:
    (folder / "text").write_bytes(b"hello")
    (folder / "wide").write_bytes(_blob((2, 3)))
    with pytest.raises(UserError) as caught:
        _run(options)
    assert str(caught.value).startswith(f"test.prototxt:{message}")


def test_a_bottom_of_another_size() -> None:
    with pytest.raises(UserError, match=r"prototxt:1: .*bottom 'H' is \(2, 2\); .* 3 x 3"):
        _run("", np.ones((2, 2)))


def test_labels_of_another_shape() -> None:
    with pytest.raises(UserError, match=r"bottom 'label' is \(3,\); .*needs 4 labels"):
        _run("", H, labels=np.zeros(3))
