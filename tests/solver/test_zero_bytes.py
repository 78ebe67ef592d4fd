"""A zero byte in a path is the user's mistake, whichever field it stands in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Result

NET = """
layer { name: "x" type: "Input" top: "x" top: "y"
  input_param { shape { dim: 2 dim: 3 } shape { dim: 2 } } }
layer { name: "ip" type: "InnerProduct" bottom: "x" top: "p"
  inner_product_param { num_output: 3 } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "p" bottom: "y" top: "loss" }
"""
SOLVER = 'net: "net.prototxt" base_lr: 0.1 lr_policy: "fixed" max_iter: 2 '


@pytest.mark.slow
@pytest.mark.parametrize(
    "layer",
    [
        'type: "ImageData" top: "a" top: "b" image_data_param { source: "a\\0b" batch_size: 2 }',
        'type: "HDF5Data" top: "a" top: "b" hdf5_data_param { source: "a\\0b" batch_size: 2 }',
        'type: "HDF5Output" bottom: "p" bottom: "y" hdf5_output_param { file_name: "a\\0b" }',
        'type: "WindowData" top: "a" top: "b" window_data_param { source: "a\\0b" batch_size: 2 }',
        'type: "Data" top: "a" top: "b" data_param { source: "a\\0b" batch_size: 2 }',
        'type: "Data" top: "a" top: "b" data_param { source: "a\\0b" backend: LMDB batch_size: 2 }',
        'type: "InfogainLoss" bottom: "p" bottom: "y" top: "a" '
        'infogain_loss_param { source: "a\\0b" }',
    ],
)
def test_in_a_layer(mycaffe: Callable[..., Result], tmp_path: Path, layer: str) -> None:
    (tmp_path / "net.prototxt").write_text(f'{NET} layer {{ name: "z" {layer} }}')
    result = mycaffe("explain", "model", "net.prototxt")
    assert result.code in (1, 2), result.out
    assert "defect" not in result.err


def test_in_snapshot_prefix(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "net.prototxt").write_text(NET)
    (tmp_path / "s.solver").write_text(SOLVER + 'snapshot_prefix: "a\\0b"')
    result = mycaffe("train", "--solver", "s.solver")
    assert result.code == 2
    assert r"s.solver:1: snapshot_prefix 'a\x00b' is no file name" in result.err
