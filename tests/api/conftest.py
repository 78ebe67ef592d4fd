"""What the tests of the Python interface share: a trained net, and pictures beside it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.api.trained_net import TrainedNet
from mycaffe_py.data.source import open_source
from tests.detect.colour_finder import squares, write_colour_finder

DEPLOY = """
layer { name: "data" type: "Input" top: "data"
  input_param { shape { dim: 1 dim: 1 dim: 28 dim: 28 } } }
layer { name: "feat" type: "InnerProduct" bottom: "data" top: "feat"
  inner_product_param { num_output: 8 bias_term: false } }
layer { name: "relu" type: "ReLU" bottom: "feat" top: "positive" }
"""


def write_pictures(folder: Path) -> None:
    """four.png and seven.png are digits that the small net knows, cross.png is none."""
    source = open_source("digits28.testing")
    for name, label in (("four", 4), ("seven", 7)):
        records = np.flatnonzero(source.labels == label)
        Image.fromarray(source.images[records[1], 0]).save(folder / f"{name}.png")
    cross = np.zeros((28, 28), np.uint8)
    cross[4:24, 4:24] = 200 * (np.eye(20) + np.eye(20)[::-1]).clip(0, 1)
    Image.fromarray(cross).save(folder / "cross.png")


@pytest.fixture
def here(siamese_snapshot: Path, tmp_path: Path, monkeypatch) -> Path:
    """The current folder: snapshots/small_iter_150.caffemodel, deploy.prototxt and pictures.

    And a detector, with street.png for it.
    """
    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    (tmp_path / "deploy.prototxt").write_text(DEPLOY)
    write_pictures(tmp_path)
    write_colour_finder(tmp_path)
    squares().save(tmp_path / "street.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def net(here: Path) -> TrainedNet:
    from mycaffe_py import load

    return load("snapshots")
