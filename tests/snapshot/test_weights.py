from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.wire import bytes_header
from mycaffe_py.snapshot.weights import LayerWeights, read_weights, write_weights

GOLDEN = Path(__file__).parents[1] / "golden"


def _layers(dtype: type = np.float32) -> list[LayerWeights]:
    random = np.random.default_rng(1)
    return [
        LayerWeights(
            pb.LayerParameter(name="ip", type="InnerProduct", bottom=["x"], top=["ip"]),
            [random.standard_normal((3, 4)).astype(dtype), np.zeros(3, dtype)],
        ),
        LayerWeights(pb.LayerParameter(name="relu", type="ReLU"), []),
        LayerWeights(pb.LayerParameter(name="s", type="Scale"), [np.array(2.5, dtype)]),
    ]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_saved_is_what_a_protobuf_parser_reads(tmp_path: Path, dtype: type) -> None:
    path = tmp_path / "w.caffemodel"
    write_weights(path, "net", _layers(dtype))
    net = pb.NetParameter.FromString(path.read_bytes())
    assert [layer.name for layer in net.layer] == ["ip", "relu", "s"]
    blob = net.layer[0].blobs[0]
    assert list(blob.shape.dim) == [3, 4]
    values = blob.double_data if dtype is np.float64 else blob.data
    np.testing.assert_array_equal(np.array(values, dtype), _layers(dtype)[0].blobs[0].ravel())
    loaded = read_weights(path).layers
    for saved in _layers(dtype):
        for mine, theirs in zip(loaded[saved.param.name], saved.blobs, strict=True):
            np.testing.assert_array_equal(mine.array, theirs)
            assert mine.shape == theirs.shape


def test_the_same_weights_give_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        write_weights(tmp_path / name, "net", _layers())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("case", sorted(p.parent.name for p in GOLDEN.glob("*/weights.caffemodel")))
def test_files_a_real_caffe_wrote(case: str) -> None:
    path = GOLDEN / case / "weights.caffemodel"
    net = pb.NetParameter.FromString(path.read_bytes())
    wanted = {layer.name: layer.blobs for layer in net.layer if layer.type != "Split"}
    if not any(wanted.values()):
        with pytest.raises(UserError, match="holds no weights"):
            read_weights(path)
        return
    loaded = read_weights(path).layers
    assert list(loaded) == list(wanted)
    for name, blobs in wanted.items():
        for mine, theirs in zip(loaded[name], blobs, strict=True):
            assert mine.shape == tuple(theirs.shape.dim)
            np.testing.assert_array_equal(mine.array.ravel(), np.float32(theirs.data))


def test_old_layers_and_legacy_shapes(tmp_path: Path) -> None:
    blob = pb.BlobProto(num=1, channels=1, height=2, width=3, data=range(6))
    v1 = pb.V1LayerParameter(name="new", blobs=[blob])
    v0 = pb.V1LayerParameter(layer=pb.V0LayerParameter(name="old", blobs=[blob]))
    path = tmp_path / "old.caffemodel"
    path.write_bytes(pb.NetParameter(layers=[v1, v0]).SerializeToString())
    loaded = read_weights(path).layers
    assert list(loaded) == ["new", "old"]
    stored = loaded["old"][0]
    assert stored.agrees((2, 3)) and stored.agrees((1, 1, 2, 3)) and not stored.agrees((3, 2))


def test_unpacked_values_are_read(tmp_path: Path) -> None:
    values = b"".join(b"\x2d" + struct.pack("<f", v) for v in (1.0, 2.0))
    layer = b"\x0a\x01a" + b"\x3a" + bytes([len(values)]) + values
    path = tmp_path / "w"
    path.write_bytes(b"\xa2\x06" + bytes([len(layer)]) + layer)
    np.testing.assert_array_equal(read_weights(path).layers["a"][0].array, [1, 2])


def test_values_of_2014_are_read_as_one_run(tmp_path: Path) -> None:
    """Each of 300,000 values behind a key of its own, in both kinds, and a shape behind them."""
    values = np.arange(300_000)
    for kind, key in (("<f4", 0x2D), ("<f8", 0x41)):
        rows = np.zeros(len(values), np.dtype([("key", "u1"), ("value", kind)]))
        rows["key"], rows["value"] = key, values
        blob = (
            rows.tobytes()
            + pb.BlobProto(num=1, channels=3, height=1000, width=100).SerializeToString()
        )
        layer = bytes_header(1, 1) + b"a" + bytes_header(7, len(blob)) + blob
        path = tmp_path / "w"
        path.write_bytes(bytes_header(100, len(layer)) + layer)
        found = read_weights(path).layers["a"][0]
        assert found.shape == (1, 3, 1000, 100)
        np.testing.assert_array_equal(found.array.ravel(), values)


def test_of_two_layers_of_one_name_the_last_counts(tmp_path: Path) -> None:
    """Caffe copies one after the other into the first target of that name."""
    layers = [
        pb.LayerParameter(name="a", blobs=[pb.BlobProto(shape=pb.BlobShape(dim=[1]), data=[v])])
        for v in (1.0, 2.0)
    ]
    net = pb.NetParameter(layer=[*layers, pb.LayerParameter(name="a")])
    path = tmp_path / "w"
    path.write_bytes(net.SerializeToString())
    assert read_weights(path).layers["a"][0].array.tolist() == [2.0]


def test_the_trailer_of_mycaffe_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "w.mycaffemodel"
    write_weights(path, "", _layers())
    body = path.read_bytes()
    end = b"mycaffe.ai" + b"1.0.1".ljust(32, b"\0") + struct.pack("<q", len(body) + 256)
    path.write_bytes(body + bytes(256) + end + b"mycaffe.ai")
    weights = read_weights(path)
    assert weights.positional
    weight, bias = weights.layers["ip"]
    assert weight.agrees((3, 4, 1, 1)) and not weight.agrees((4, 3))
    assert bias.agrees((3,)) and bias.agrees((1, 3))
    assert list(weights.layers) == ["ip", "relu", "s"]


def test_every_truncation_is_one_clear_error_or_fewer_layers(tmp_path: Path) -> None:
    path = tmp_path / "w"
    write_weights(path, "net", _layers())
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        try:
            assert len(read_weights(path).layers) < 3
        except UserError as error:
            assert str(path) in str(error)


@settings(max_examples=200)
@given(data=st.binary(max_size=200))
def test_any_bytes_give_weights_or_one_error(data: bytes, tmp_path_factory: object) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.caffemodel"  # type: ignore[attr-defined]
    path.write_bytes(data)
    try:
        read_weights(path)
    except UserError as error:
        assert "fuzz.caffemodel" in str(error)


@pytest.mark.parametrize(
    ("dims", "data"),
    [
        ([1 << 40, 1 << 40], [1.0]),
        ([1] * 70, [1.0]),
        ([0, 1 << 62, 1 << 62], []),
        ([-1, 0], []),
        ([3], []),
        ([1] * 100_000, [1.0]),
        ([-(1 << 63)], [1.0]),
        ([1 << 32, 1 << 32], []),
    ],
)
def test_hostile_extents_allocate_nothing(
    tmp_path: Path, dims: list[int], data: list[float]
) -> None:
    blob = pb.BlobProto(shape=pb.BlobShape(dim=dims), data=data)
    net = pb.NetParameter(layer=[pb.LayerParameter(name="a", blobs=[blob])])
    path = tmp_path / "w"
    path.write_bytes(net.SerializeToString())
    with pytest.raises(UserError, match=r"a blob of|a list of more than 1024"):
        read_weights(path)


def _nested(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = bytes_header(100, len(inner)) + inner
    return inner


HOSTILE = {
    "a length beyond the end": b"\xa2\x06\xff\xff\xff\xff\x07",
    "a length of 2^64 - 1": b"\xa2\x06" + b"\xff" * 9 + b"\x01",
    "a number without end": b"\xff" * 1000,
    "groups": b"\x0b" * 1000,
    "layers in layers": _nested(20_000),
    "values in a million pieces": bytes_header(100, 9_000_005)
    + b"\x3a\xc0\xa8\xa5\x04"
    + (b"\x2d\0\0\0\0\x2a\0\x08\0" * 1_000_000),
    "a list of a million extents": bytes_header(100, 1_000_010)
    + bytes_header(7, 1_000_006)
    + bytes_header(7, 1_000_002)
    + b"\x0a"
    + b"\xbe\x84\x3d"
    + b"\x01" * 999_998,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_cost_little_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / "w"
    path.write_bytes(HOSTILE[name])
    tracemalloc.start()
    try:
        with pytest.raises(UserError, match=str(path)):
            read_weights(path)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak_bytes < 2_000_000


@pytest.mark.slow
@settings(max_examples=300)
@given(data=st.data())
def test_changed_bytes_give_weights_or_one_error(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "changed.caffemodel"
    write_weights(path, "net", _layers())
    whole = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(whole)
    try:
        for blobs in read_weights(path).layers.values():
            assert sum(blob.array.nbytes for blob in blobs) <= len(whole)
    except UserError as error:
        assert "changed.caffemodel" in str(error)


def test_a_blob_without_axes_has_no_shape(tmp_path: Path) -> None:
    """As Caffe saves it: OpenCV stops at the empty shape that stood there."""
    path = tmp_path / "w.caffemodel"
    write_weights(path, "net", _layers())
    net = pb.NetParameter.FromString(path.read_bytes())
    assert not net.layer[2].blobs[0].HasField("shape")
    assert read_weights(path).layers["s"][0].shape == ()
    net.layer[2].blobs[0].shape.SetInParent()
    path.write_bytes(net.SerializeToString())
    assert read_weights(path).layers["s"][0].array == 2.5


@pytest.mark.parametrize("hdf5", [False, True])
def test_layers_without_blobs_are_weights_where_none_are_wanted(tmp_path: Path, hdf5: bool) -> None:
    path = tmp_path / "empty"
    write_weights(
        path, "net", [LayerWeights(pb.LayerParameter(name="relu", type="ReLU"), [])], hdf5=hdf5
    )
    assert not any(read_weights(path, may_be_empty=True).layers.values())
    with pytest.raises(UserError, match="holds no weights"):
        read_weights(path)
    (tmp_path / "text").write_text("layer { }")
    with pytest.raises(UserError):
        read_weights(tmp_path / "text", may_be_empty=True)
