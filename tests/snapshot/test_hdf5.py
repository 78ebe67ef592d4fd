"""Snapshots in HDF5: Caffe's layout, both ways, and files that are damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.state import read_state, write_state
from mycaffe_py.snapshot.weights import LayerWeights, read_weights, write_weights

h5py = pytest.importorskip("h5py")

WEIGHT = np.arange(12, dtype=np.float32).reshape(3, 4)
BIAS = np.ones(3, np.float32)
LAYERS = [
    LayerWeights(pb.LayerParameter(name="data", type="Data"), []),
    LayerWeights(pb.LayerParameter(name="ip", type="InnerProduct"), [WEIGHT, BIAS]),
    LayerWeights(pb.LayerParameter(name="ip_p", type="InnerProduct"), [WEIGHT, BIAS * 2], (0,)),
    LayerWeights(pb.LayerParameter(name="a/1x1", type="Scale"), [np.float32(2.5).reshape(())]),
]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "w.caffemodel.h5"
    write_weights(path, "net", LAYERS, hdf5=True)
    return path


def test_the_layout_is_caffes(saved: Path) -> None:
    with h5py.File(saved) as file:
        assert list(file) == ["data"]
        assert sorted(file["data"]) == ["a", "data", "ip", "ip_p"]
        assert list(file["data/data"]) == []
        assert list(file["data/ip_p"]) == ["1"]
        weight = file["data/ip/0"]
        assert weight.dtype == np.float32 and weight.shape == (3, 4)
        np.testing.assert_array_equal(weight[()], WEIGHT)
        assert file["data/a/1x1/0"].shape == ()


def test_what_was_written_is_read(saved: Path) -> None:
    weights = read_weights(saved)
    assert set(weights.layers) == {"ip", "ip_p", "a/1x1"}
    assert weights.numbers["ip_p"] == [1]
    for found, wanted in zip(weights.layers["ip"], (WEIGHT, BIAS), strict=True):
        np.testing.assert_array_equal(found.array, wanted)
    assert weights.layers["a/1x1"][0].shape == ()


def test_the_content_decides_not_the_name(saved: Path, tmp_path: Path) -> None:
    saved.rename(tmp_path / "w.caffemodel")
    assert set(read_weights(tmp_path / "w.caffemodel").layers) == {"ip", "ip_p", "a/1x1"}


@pytest.mark.parametrize("dtype", ["<f8", ">f4", "i4"])
@pytest.mark.parametrize("packed", [True, False])
def test_other_kinds_of_numbers_and_packed_ones(tmp_path: Path, dtype: str, packed: bool) -> None:
    path = tmp_path / "w"
    with h5py.File(path, "w") as file:
        options = {"compression": "gzip", "chunks": (2, 2)} if packed else {}
        file.create_dataset("data/ip/0", data=WEIGHT.astype(dtype), **options)
        file.create_dataset("data/ip/1", data=BIAS.astype(dtype))
    blobs = read_weights(path).layers["ip"]
    np.testing.assert_array_equal(blobs[0].array, WEIGHT)
    np.testing.assert_array_equal(blobs[1].array, BIAS)


@pytest.mark.parametrize("name", ["", "a/1", "./a"])
def test_names_no_group_can_have(tmp_path: Path, name: str) -> None:
    layer = LayerWeights(pb.LayerParameter(name=name), [BIAS])
    with pytest.raises(UserError, match="cannot be saved in HDF5"):
        write_weights(tmp_path / "w", "net", [layer], hdf5=True)
    assert list(tmp_path.iterdir()) == []


def test_the_state_as_caffe_has_it(tmp_path: Path) -> None:
    path = tmp_path / "s.solverstate.h5"
    write_state(path, 70, "a/w.caffemodel.h5", [WEIGHT, BIAS], 2, hdf5=True)
    with h5py.File(path) as file:
        assert sorted(file) == ["current_step", "history", "iter", "learned_net"]
        assert file["iter"].shape == (1,) and file["iter"].dtype == np.int32
        kind = file["learned_net"].id.get_type()
        assert kind.get_size() == len("a/w.caffemodel.h5") + 1
        assert kind.get_strpad() == h5py.h5t.STR_NULLTERM
        assert sorted(file["history"]) == ["0", "1"]
    state = read_state(path)
    assert (state.iteration, state.learned_net, state.current_step) == (70, "a/w.caffemodel.h5", 2)
    np.testing.assert_array_equal(state.history[0].array, WEIGHT)
    np.testing.assert_array_equal(state.history[1].array, BIAS)


@pytest.mark.slow
def test_every_truncation_is_one_error(saved: Path, tmp_path: Path) -> None:
    whole = saved.read_bytes()
    path = tmp_path / "cut"
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        with pytest.raises(UserError, match=str(path)):
            read_weights(path)


def test_a_model_is_no_state_and_a_state_no_model(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is no solverstate"):
        read_state(saved)
    path = tmp_path / "s"
    write_state(path, 70, "w", [WEIGHT], 0, hdf5=True)
    with pytest.raises(UserError, match="no group /data"):
        read_weights(path)


def test_extents_larger_than_the_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "w"
    with h5py.File(path, "w") as file:
        file.create_dataset("data/ip/0", shape=(1 << 20, 1 << 20), dtype="f4", chunks=(64, 64))
    with pytest.raises(UserError, match="is only 0 bytes in the file"):
        read_weights(path)


def test_groups_that_hold_themselves_end(tmp_path: Path) -> None:
    path = tmp_path / "w"
    with h5py.File(path, "w") as file:
        group = file.create_group("data/a")
        group["a"] = group
        group["b"] = group
        group["out"] = h5py.ExternalLink("/etc/passwd", "/")
    with pytest.raises(UserError, match="nested without end"):
        read_weights(path)


def test_text_where_numbers_should_be(tmp_path: Path) -> None:
    path = tmp_path / "w"
    with h5py.File(path, "w") as file:
        file["data/ip/0"] = "text"
    with pytest.raises(UserError, match="holds no numbers"):
        read_weights(path)


def test_without_h5py_the_remedy_is_told(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(UserError, match=r"pip install .*'.*\[hdf5\]'"):
        read_weights(saved)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_changed_bytes_give_numbers_or_one_error(saved: Path, tmp_path: Path, seed: int) -> None:
    state = tmp_path / "s"
    write_state(state, 70, "w", [WEIGHT, BIAS], 2, hdf5=True)
    random = np.random.default_rng(seed)
    path = tmp_path / "changed"
    for _ in range(100):
        for source, read in ((saved, read_weights), (state, read_state)):
            raw = np.frombuffer(source.read_bytes(), np.uint8).copy()
            raw[random.integers(8, len(raw), 4)] = random.integers(0, 256, 4)
            path.write_bytes(raw.tobytes())
            try:
                read(path)
            except UserError as error:
                assert str(path) in str(error)


def test_no_object_of_a_state_keeps_the_time_of_day(tmp_path: Path) -> None:
    """Else two equal runs would write different files."""
    history = [np.ones(2, np.float32)]
    write_state(tmp_path / "s.h5", 3, "net.caffemodel", history, 1, hdf5=True)
    with h5py.File(tmp_path / "s.h5") as file:
        for name in ("iter", "learned_net", "current_step", "history", "history/0"):
            assert h5py.h5g.get_objinfo(file.id, name.encode()).mtime == 0, name
