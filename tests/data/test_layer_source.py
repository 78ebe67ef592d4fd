"""Nets that read Caffe's own stores are measured on them, in the colours that they learned."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.caffe_stores.datum import make_datum
from tests.conftest import Result

NET = """
name: "Colours"
layer { name: "data" type: "TYPE" top: "data" top: "label" TRANSFORM OPTIONS }
layer { name: "score" type: "InnerProduct" bottom: "data" top: "score"
  inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "score" bottom: "label" top: "loss" }
"""
SOLVER = """
net: "n.prototxt" type: "SGD" base_lr: 0.1 momentum: 0.9 lr_policy: "fixed" random_seed: 1
max_iter: 60 display: 0 snapshot_prefix: "n"
"""


def pictures(folder, size=8, count=12):
    """Red ones of class 0 and blue ones of class 1, as pixels (H, W, 3), also as PNG files."""
    numbers = np.random.default_rng(0)
    found = []
    for number in range(count):
        label = number % 2
        pixels = numbers.integers(0, 60, (size, size, 3)).astype(np.uint8)
        pixels[..., 2 * label] += 150
        Image.fromarray(pixels).save(folder / f"{number}.png")
        found.append((pixels, label))
    return found


def store(folder, made, encoded):
    import lmdb

    from mycaffe_py.proto.mycaffe_pb2 import Datum

    with (
        lmdb.open(str(folder / "store"), map_size=1 << 22) as store,
        store.begin(write=True) as out,
    ):
        for number, (pixels, label) in enumerate(made):
            blue_first = np.ascontiguousarray(pixels[..., ::-1].transpose(2, 0, 1))
            datum = make_datum(blue_first, label)
            if encoded:
                content = (folder / f"{number}.png").read_bytes()
                datum = Datum(encoded=True, data=content, label=label)
            out.put(b"%08d" % number, datum.SerializeToString())


def train(mycaffe, tmp_path, kind, options, transform=""):
    text = NET.replace("TYPE", kind).replace("OPTIONS", options)
    scale = f"transform_param {{ scale: 0.00390625 {transform} }}"
    (tmp_path / "n.prototxt").write_text(text.replace("TRANSFORM", scale))
    (tmp_path / "n.solver").write_text(SOLVER)
    result = mycaffe("train", "--solver", "n.solver")
    assert result.code == 0, result.err


@pytest.mark.slow
@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("transform", ["", "crop_size: 6 mirror: true", "mean_value: 90"])
def test_lmdb(
    mycaffe: Callable[..., Result], tmp_path: Path, encoded: bool, transform: str
) -> None:
    store(tmp_path, pictures(tmp_path), encoded)
    options = 'data_param { source: "store" batch_size: 4 backend: LMDB }'
    train(mycaffe, tmp_path, "Data", options, transform)
    told = json.loads(mycaffe("test-many", "--json").out)
    assert (told["accuracy"], told["n"], told["dataset"]) == (1.0, 12, "store")
    named = json.loads(mycaffe("test", "0.png", "1.png", "--json").out)
    assert [one["label"] for one in named] == ["0", "1"]


def test_a_list_of_pictures(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    made = pictures(tmp_path)
    lines = [f"{number}.png {label}" for number, (_, label) in enumerate(made)]
    (tmp_path / "list.txt").write_text("\n".join(lines))
    options = 'image_data_param { source: "list.txt" batch_size: 4 shuffle: true }'
    train(mycaffe, tmp_path, "ImageData", options)
    assert json.loads(mycaffe("test-many", "--json").out)["accuracy"] == 1
    named = json.loads(mycaffe("identify", "0.png", "1.png", "--json").out)
    assert [one["label"] for one in named] == ["0", "1"]


def test_a_store_that_has_gone_is_named(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    store(tmp_path, pictures(tmp_path), False)
    train(mycaffe, tmp_path, "Data", 'data_param { source: "store" batch_size: 4 backend: LMDB }')
    (tmp_path / "store").rename(tmp_path / "gone")
    result = mycaffe("test-many")
    assert result.code == 2 and "there is no folder store" in result.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("layer", "takes"),
    [
        (
            'type: "DummyData" dummy_data_param { shape { dim: 2 dim: 2 } shape { dim: 2 } }',
            "Dummy",
        ),
        ('type: "Data" data_param { source: "telecom.training" batch_size: 4 }', "identify WIND"),
    ],
)
def test_a_net_that_takes_no_pictures_says_so(
    mycaffe: Callable[..., Result], tmp_path: Path, layer: str, takes: str
) -> None:
    pictures(tmp_path, count=1)
    text = NET.replace('type: "TYPE"', layer).replace("OPTIONS", "").replace("TRANSFORM", "")
    (tmp_path / "n.prototxt").write_text(text.replace("num_output: 2", "num_output: 9"))
    (tmp_path / "n.solver").write_text(SOLVER)
    assert mycaffe("train", "--solver", "n.solver", "--iterations", "1").code == 0
    result = mycaffe("test", "0.png")
    assert result.code == 2 and result.err.count("\n") == 1
    assert "takes no pictures" in result.err and takes in result.err
