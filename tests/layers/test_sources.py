"""Layers that read: what their texts get wrong, and whole nets on what they read."""

from collections.abc import Callable
from pathlib import Path

import h5py
import lmdb
import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.pictures.decoding import decode, read_file
from mycaffe_py.data.prefetch import PrefetchFeed
from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.layers.data.fed_layer import FedLayer
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.mycaffe_pb2 import Datum
from mycaffe_py.told_once import begin
from tests.conftest import Result
from tests.graph.nets import graph_of
from tests.layers.harness import LayerRun


def _run(kind, options, bottoms=(), tops=2, **more):
    ports = [f'bottom: "x{i}"' for i in range(len(bottoms))]
    ports += ['top: "data"', 'top: "label"'][:tops]
    text = f'layer {{ name: "layer" type: "{kind}" {" ".join(ports)} {options} }}'
    return LayerRun(text, bottoms, **more)


MISTAKES = [
    ("MemoryData", "memory_data_param { batch_size: 2 channels: 1 height: 3 }", "width is 0"),
    ("HDF5Data", "hdf5_data_param { batch_size: 1 } transform_param {}", "transform_param has no"),
    ("HDF5Data", 'hdf5_data_param { source: "none" }', "batch_size is 0"),
    ("HDF5Data", 'hdf5_data_param { source: "none" batch_size: 1 }', "list file none cannot be"),
    ("ImageData", 'image_data_param { source: "none" }', "list file none cannot be read"),
    (
        "WindowData",
        'transform_param { crop_size: 3 } window_data_param { source: "none" batch_size: 1 }',
        "window file none cannot be read",
    ),
]


@pytest.mark.parametrize(("kind", "options", "said"), MISTAKES)
def test_mistakes(kind, options, said) -> None:
    with pytest.raises(UserError, match=rf"test\.prototxt:1: .*{said}"):
        _run(kind, options)


def test_of_a_transformation_of_memory_data_a_notice_tells_once(capsys) -> None:
    """Such texts are legal in Caffe, which warns; 21 nets of deep-landmark begin with one."""
    begin()
    sizes = "memory_data_param { batch_size: 2 channels: 1 height: 1 width: 2 }"
    run = _run("MemoryData", sizes + " transform_param { scale: 0.5 }")
    data = np.arange(4.0).reshape(2, 1, 1, 2)
    for _ in range(2):
        run.plan.facts.feed.reset(data, np.zeros(2))
    told = capsys.readouterr().err
    assert told.count("test.prototxt:1: layer 'layer' (MemoryData)") == 1
    assert "transform_param has no effect" in told
    np.testing.assert_array_equal(run.forward()[0], data)


def test_memory_data_is_filled_through_its_facts() -> None:
    run = _run("MemoryData", "memory_data_param { batch_size: 2 channels: 1 height: 1 width: 2 }")
    with pytest.raises(UserError, match="has no data"):
        run.forward()
    data = np.arange(8.0).reshape(4, 1, 1, 2)
    run.plan.facts.feed.reset(data, np.arange(4))
    for batch, rows in ((0, [0, 1]), (1, [2, 3]), (2, [0, 1])):
        run.io.run.batch_number = batch
        found, labels = run.forward()
        assert np.array_equal(found, data[rows])
        assert labels.tolist() == rows


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(2):
        Image.new("L", (4, 3), 100 + number).save(f"{number}.png")
    (tmp_path / "list.txt").write_text("0.png 0\n1.png 1\n")


@pytest.mark.parametrize(("said", "depth"), [("", 4), ("data_param { prefetch: 0 }", 0)])
def test_batches_are_made_ahead_as_data_param_says(pictures: None, said: str, depth: int) -> None:
    run = _run("ImageData", f'{said} image_data_param {{ source: "list.txt" batch_size: 2 }}')
    feed = run.plan.facts.feed
    assert isinstance(run.layer, FedLayer)
    assert (feed.depth if isinstance(feed, PrefetchFeed) else 0) == depth
    assert run.plan.tops[1].label_count == 2
    assert run.forward()[0][:, 0, 0, 0].tolist() == [100, 101]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_hdf5_output_adds_batch_to_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dtype
) -> None:
    monkeypatch.chdir(tmp_path)
    x, t = np.arange(6.0).reshape(3, 2), np.arange(3.0)
    options = 'hdf5_output_param { file_name: "out.h5" }'
    run = _run("HDF5Output", options, (x, t), tops=0, dtype=dtype)
    assert not (tmp_path / "out.h5").exists()
    run.forward()
    run.forward()
    with h5py.File("out.h5") as file:
        assert file["data"].dtype == dtype
        assert file["data"].shape == (6, 2, 1, 1)
        assert np.array_equal(file["data"][3:, :, 0, 0], x)
        assert file["label"][:, 0, 0, 0].tolist() == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize(
    ("options", "shapes", "said"),
    [
        ("", [(2, 3), (2,)], "file_name is missing"),
        ('hdf5_output_param { file_name: "o" }', [(2, 3), (3,)], r"'x0' is \(2, 3\) and 'x1' \(3,"),
        ('hdf5_output_param { file_name: "o" }', [(2, 1, 1, 1, 1), (2,)], "one to four axes"),
    ],
)
def test_hdf5_output_mistakes(options: str, shapes: list[tuple[int, ...]], said: str) -> None:
    with pytest.raises(UserError, match=said):
        _run("HDF5Output", options, [np.zeros(shape) for shape in shapes], tops=0)


# Caffe's own LMDB siamese net: two images in the channels of one record, and whether they match.
NET = """
layer {
  name: "pair_data" type: "Data" top: "pair_data" top: "sim"
  transform_param { scale: 0.00390625 mean_file: "mean.binaryproto" }
  data_param { source: "siamese_lmdb" batch_size: 4 backend: LMDB }
}
layer {
  name: "slice" type: "Slice" bottom: "pair_data" top: "data" top: "data_p"
  slice_param { slice_dim: 1 slice_point: 1 }
}
layer {
  name: "feat" type: "InnerProduct" bottom: "data" top: "feat" param { name: "w" }
  inner_product_param { num_output: 2 bias_term: false weight_filler { type: "xavier" } }
}
layer {
  name: "feat_p" type: "InnerProduct" bottom: "data_p" top: "feat_p" param { name: "w" }
  inner_product_param { num_output: 2 bias_term: false weight_filler { type: "xavier" } }
}
layer {
  name: "loss" type: "ContrastiveLoss" bottom: "feat" bottom: "feat_p" bottom: "sim" top: "loss"
  contrastive_loss_param { margin: 1 }
}
layer {
  name: "out" type: "HDF5Output" bottom: "feat" bottom: "sim"
  hdf5_output_param { file_name: "features.h5" }
}
"""
SOLVER = """
net: "net.prototxt" base_lr: 0.01 lr_policy: "fixed" max_iter: 5 display: 1
snapshot_prefix: "siamese"
"""


def test_a_net_is_trained_from_an_lmdb_and_writes_hdf5(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    images = np.random.default_rng(1).integers(0, 256, (6, 2, 5, 5)).astype(np.uint8)
    with (
        lmdb.open("siamese_lmdb", map_size=1 << 20) as store,
        store.begin(write=True) as transaction,
    ):
        for number, image in enumerate(images):
            datum = Datum(channels=2, height=5, width=5, data=image.tobytes(), label=number % 2)
            transaction.put(b"%08d" % number, datum.SerializeToString())
    assert mycaffe("dataset", "mean", "siamese_lmdb", "mean.binaryproto").code == 0
    (tmp_path / "net.prototxt").write_text(NET)
    (tmp_path / "s.solver").write_text(SOLVER)
    result = mycaffe("train", "--solver", "s.solver", "--seed", "1")
    assert result.code == 0, result.err
    assert "Optimization Done" in result.out
    trained = _weights(tmp_path / "siamese_iter_5.caffemodel")
    (tmp_path / "net.prototxt").write_text(NET.partition('layer {\n  name: "out"')[0])
    assert mycaffe("train", "--solver", "s.solver", "--seed", "1").code == 0
    assert trained == _weights(tmp_path / "siamese_iter_5.caffemodel"), "writing changes nothing"
    with h5py.File("features.h5") as file:
        labels = file["label"][:, 0, 0, 0]
    assert labels.tolist()[:20] == [0, 1] * 10


def _weights(path):
    layers = pb.NetParameter.FromString(path.read_bytes()).layer
    found = [list(blob.data) for layer in layers for blob in layer.blobs]
    assert found
    return found


SEGMENTS = """
layer {
  name: "pictures" type: "ImageData" top: "data" top: "label"
  image_data_param { source: "list.txt" batch_size: 1 }
}
layer {
  name: "conv" type: "Convolution" bottom: "data" top: "conv"
  convolution_param { num_output: 2 kernel_size: 3 weight_filler { type: "xavier" } }
}
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer {
  name: "pool" type: "Pooling" bottom: "conv" top: "pool"
  pooling_param { pool: AVE global_pooling: true }
}
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "pool" bottom: "label" top: "loss" }
layer {
  name: "out" type: "HDF5Output" bottom: "pool" bottom: "label"
  hdf5_output_param { file_name: "out.h5" }
}
"""


def test_a_net_follows_pictures_of_any_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sizes = [(8, 9), (20, 5), (4, 30)]
    for number, size in enumerate(sizes):
        pixels = np.random.default_rng(number).integers(0, 256, (*size, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(f"{number}.png")
    (tmp_path / "list.txt").write_text("0.png 0\n1.png 1\n2.png 0\n")
    net = Net(graph_of(SEGMENTS), seed=1)
    losses = []
    for batch in (0, 1, 2, 0, 2, 1):
        losses.append(net.forward(batch))
        net.clear_gradients()
        net.backward()
        height, width = sizes[batch]
        assert net.blob("data").shape == (1, 3, height, width)
        assert net.blob("pool").shape == (1, 2, 1, 1)
        wanted = decode(read_file(tmp_path / f"{batch}.png"))
        assert np.array_equal(net.blob("data")[0], wanted)
        weights, bias = net.values.values()
        conv = np.maximum(_convolved(wanted, weights, bias), 0)
        np.testing.assert_allclose(net.blob("pool")[0, :, 0, 0], conv.mean(axis=(1, 2)), rtol=1e-4)
    assert losses[:3] == [losses[3], losses[5], losses[4]]
    with h5py.File("out.h5") as file:
        assert file["label"][:, 0, 0, 0].tolist() == [0, 1, 0, 0, 0, 1]


def _convolved(x, w, b):
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(np.float64), (3, 3), axis=(1, 2))
    return np.einsum("chwij,kcij->khw", windows, w) + b[:, None, None]
