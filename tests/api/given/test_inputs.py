"""What a net takes is what it learned from, also where a program handed that over."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py import TrainedNet, UserError, load, train
from mycaffe_py.data.source import open_source
from tests.conftest import SMALL_SIAMESE, SMALL_SOLVER


@pytest.fixture
def digits(tmp_path: Path, monkeypatch, digits_only):
    """Images (200, 28, 28) and labels, beside a text to learn them with."""
    monkeypatch.chdir(tmp_path)
    solver = SMALL_SOLVER.replace("NAME", "small").replace("TESTS", "").replace("150", "20")
    Path("small.solver").write_text(solver)
    source = open_source("digits28.training")
    return source.images[:200, 0], source.labels[:200]


def learned(model: str, images, labels) -> TrainedNet:
    Path("small.prototxt").write_text(model)
    return train("small.solver", data={"TRAIN": (images, labels)}, seed=1)


@pytest.mark.slow
def test_bytes_that_were_handed_over_are_never_inverted(digits) -> None:
    """Other than those of a data set whose pictures are known to be light on dark."""
    images, labels = digits
    dark, light = (learned(SMALL_SIAMESE, x, labels) for x in (images, 255 - images))
    for net, own in ((dark, images), (light, 255 - images)):
        assert (net.encode(own[:9]) != net.encode(255 - own[:9])).any()
        assert np.array_equal(net.encode(own[:9] / 255), net.encode(own[:9]))
        assert net.encode(np.repeat(own[0], 2, axis=0)).shape == (1, 8)


@pytest.mark.slow
def test_floats_that_were_handed_over_go_in_as_they_are(digits) -> None:
    images, labels = digits
    floats = images.astype(np.float32) - 100
    net = learned(SMALL_SIAMESE, floats, labels)
    shutil.copytree("snapshots", "moved")
    again = load("moved")
    assert np.array_equal(net.encode(floats[:9]), again.encode(floats[:9]))
    assert (net.identify(floats).label == labels.astype(str)).mean() > 0.3
    with pytest.raises(UserError, match=r"\(2, 20, 28\); \(N, 28, 28\) of values"):
        net.encode(floats[:2, :20])


@pytest.mark.slow
def test_a_table_of_features(digits) -> None:
    images, labels = digits
    table = images.reshape(-1, 784) / np.float32(255)
    net = learned(SMALL_SIAMESE.replace("scale: 0.00390625", "scale: 1"), table, labels)
    assert net.input_shape == (784, 1, 1)
    assert np.array_equal(net.encode(table[3]), net.encode(table)[3:4])
    net.enroll("other", -table[:1])
    assert net.identify(-table[:1]).label.tolist() == ["other"]
    with pytest.raises(UserError, match=r"\(200, 28, 28\); rows of features are \(N, 784\)"):
        net.encode(images)
