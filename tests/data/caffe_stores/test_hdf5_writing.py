import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from mycaffe_py.data.caffe_stores.hdf5_writing import Hdf5Writer
from mycaffe_py.errors import UserError, Where

WHERE = Where("net.prototxt", 4)


def _batch(number, dtype=np.float32):
    data = np.random.default_rng(number).normal(size=(3, 2, 1, 1)).astype(dtype)
    return {"data": data, "label": np.full((3, 1, 1, 1), number, dtype)}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_batches_stand_behind_one_another(tmp_path: Path, dtype) -> None:
    writer = Hdf5Writer(tmp_path / "out.h5", WHERE)
    for number in range(3):
        writer.append(_batch(number, dtype))
        with h5py.File(tmp_path / "out.h5") as file:
            assert len(file["data"]) == 3 * (number + 1)
    with h5py.File(tmp_path / "out.h5") as file:
        assert file["data"].dtype == dtype
        wanted = np.concatenate([_batch(number, dtype)["data"] for number in range(3)])
        assert np.array_equal(file["data"], wanted)
        assert file["label"][:, 0, 0, 0].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_an_old_file_is_replaced_by_the_first_batch_only(tmp_path: Path) -> None:
    path = tmp_path / "out.h5"
    Hdf5Writer(path, WHERE).append(_batch(1))
    before = path.read_bytes()
    writer = Hdf5Writer(path, WHERE)
    assert path.read_bytes() == before
    writer.append(_batch(2))
    with h5py.File(path) as file:
        assert file["label"][:, 0, 0, 0].tolist() == [2, 2, 2]


def test_rows_of_another_shape(tmp_path: Path) -> None:
    writer = Hdf5Writer(tmp_path / "out.h5", WHERE)
    writer.append(_batch(1))
    with pytest.raises(UserError, match=r"rows of 'data' are \(2, 3, 1\); .* are \(2, 1, 1\)"):
        writer.append({"data": np.zeros((3, 2, 3, 1)), "label": np.zeros((3, 1, 1, 1))})
    with h5py.File(tmp_path / "out.h5") as file:
        assert len(file["data"]) == 3


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"net\.prototxt:4: HDF5 file .*out\.h5 cannot be written"):
        Hdf5Writer(tmp_path / "none" / "out.h5", WHERE).append(_batch(1))


def test_without_h5py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(UserError, match=r"HDF5Output needs .*pip install .*'.*\[hdf5\]'"):
        Hdf5Writer(tmp_path / "out.h5", WHERE).append(_batch(1))
