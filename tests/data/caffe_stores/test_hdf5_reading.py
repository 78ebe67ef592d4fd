import sys
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.caffe_stores.hdf5_reading import Hdf5Feed, open_files
from mycaffe_py.errors import UserError, Where
from tests.data.stores import make_hdf5

WHERE = Where("net.prototxt", 4)
ROWS = (4, 1, 3)
DATA = [np.arange(2 * n * 3, dtype=np.float64).reshape(n, 2, 3) + 100 * n for n in ROWS]
LABELS = [np.arange(n, dtype=np.int64) + 10 * n for n in ROWS]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    paths = [
        make_hdf5(tmp_path / f"{n}.h5", data=data, label=labels, other=np.zeros(9))
        for n, data, labels in zip(ROWS, DATA, LABELS, strict=True)
    ]
    (tmp_path / "list.txt").write_text(f"{paths[0]}\n {paths[1]} {paths[2]}\n\n")
    return tmp_path / "list.txt"


def _feed(source, shuffle=False, batch_size=3, names=("data", "label"), seed=1):
    files = open_files(source, names, WHERE)
    return Hdf5Feed(files, names, batch_size, shuffle, seed, "x", WHERE)


def _filled(feed, batch):
    tops = [np.full(shape, np.nan, np.float32) for shape in feed.shapes]
    feed.fill(batch, tops)
    assert all(np.isfinite(top).all() for top in tops)
    return tops


def test_rows_of_all_files_round_and_round(source: Path) -> None:
    feed = _feed(source)
    assert feed.shapes == [(3, 2, 3), (3,)]
    data, labels = np.concatenate(DATA), np.concatenate(LABELS)
    for batch in (0, 1, 2, 3, 40, 1):
        rows = np.arange(3 * batch, 3 * batch + 3) % 8
        found = _filled(feed, batch)
        assert np.array_equal(found[0], data[rows])
        assert np.array_equal(found[1], labels[rows])


def test_a_batch_longer_than_all_files(source: Path) -> None:
    assert np.array_equal(
        _filled(_feed(source, batch_size=20), 0)[1], np.tile(np.concatenate(LABELS), 3)[:20]
    )


def test_a_file_is_read_once_until_the_next_one_is(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    inner = Hdf5Feed._read
    monkeypatch.setattr(
        Hdf5Feed, "_read", lambda feed, file: read.append(file) or inner(feed, file)
    )
    feed = _feed(source, batch_size=2)
    for batch in range(8):
        _filled(feed, batch)
    assert read == [0, 1, 2, 0, 1, 2]


def test_shuffled_rounds_hold_every_row_once_file_by_file(source: Path) -> None:
    feed = _feed(source, shuffle=True)
    rounds = np.concatenate([_filled(feed, batch)[1] for batch in range(16)]).reshape(6, 8)
    assert (np.sort(rounds, axis=1) == np.sort(np.concatenate(LABELS))).all()
    assert len({tuple(order) for order in rounds.tolist()}) == 6
    files = rounds // 10
    assert (np.count_nonzero(np.diff(files), axis=1) == 2).all(), "rows of a file stay together"
    assert len({tuple(order) for order in files.tolist()}) > 1, "files are shuffled too"


def test_shuffled_batches_are_pure_and_tops_stay_together(source: Path) -> None:
    wanted = [_filled(_feed(source, True), batch) for batch in range(6)]
    feed = _feed(source, True)
    table = dict(zip(np.concatenate(LABELS).tolist(), np.concatenate(DATA), strict=True))
    for batch in (5, 0, 3, 3, 1):
        data, labels = _filled(feed, batch)
        assert np.array_equal(data, wanted[batch][0])
        assert np.array_equal(data, [table[label] for label in labels.tolist()])
    assert not all(
        np.array_equal(_filled(_feed(source, True, seed=2), batch)[1], wanted[batch][1])
        for batch in range(6)
    )


def test_files_without_rows_are_passed_over(tmp_path: Path, source: Path) -> None:
    make_hdf5(tmp_path / "1.h5", data=np.zeros((0, 2, 3)), label=np.zeros(0))
    labels = np.concatenate([LABELS[0], LABELS[2]])
    assert np.array_equal(_filled(_feed(source, batch_size=7), 0)[1], labels)
    make_hdf5(tmp_path / "4.h5", data=np.zeros((0, 2, 3)), label=np.zeros(0))
    make_hdf5(tmp_path / "3.h5", data=np.zeros((0, 2, 3)), label=np.zeros(0))
    with pytest.raises(UserError, match="have no rows"):
        _feed(source)


@pytest.mark.parametrize(
    ("datasets", "said"),
    [
        ({"data": np.zeros((2, 2, 3))}, r"1\.h5 has no dataset 'label'; each top .*Known: data"),
        ({"data": np.zeros((2, 2, 3)), "labels": np.zeros(2)}, "Did you mean 'labels'"),
        ({}, "The file holds none"),
        (
            {"data": np.zeros((2, 2, 3)), "label": np.zeros(3)},
            r"'label' has 3 rows; .*'data' has 2",
        ),
        (
            {"data": np.zeros((2, 2, 4)), "label": np.zeros(2)},
            r"1\.h5 are 'data' \(2, 4\), 'label'",
        ),
        ({"data": np.zeros((2, 2, 3)), "label": 3.0}, r"'label' is float64 of shape \(\)"),
        ({"data": np.zeros((2, 2, 3)), "label": np.array([b"a", b"b"])}, r"'label' is \|S1"),
    ],
)
def test_files_that_do_not_fit(tmp_path: Path, source: Path, datasets, said: str) -> None:
    make_hdf5(tmp_path / "1.h5", **datasets)
    with pytest.raises(UserError, match=said):
        _feed(source)


def test_files_that_cannot_be_read(tmp_path: Path, source: Path) -> None:
    (tmp_path / "1.h5").write_bytes(b"no")
    with pytest.raises(UserError, match=r"net\.prototxt:4: HDF5 file .*1\.h5 cannot be read"):
        _feed(source)
    (tmp_path / "1.h5").unlink()
    with pytest.raises(UserError, match=r"HDF5 file .*1\.h5 cannot be read"):
        _feed(source)
    with pytest.raises(UserError, match=r"list file .*4\.h5 cannot be read.*text file that lists"):
        _feed(tmp_path / "4.h5")
    source.write_text("\n")
    with pytest.raises(UserError, match="names no files"):
        _feed(source)


def test_a_file_that_goes_away_meanwhile(tmp_path: Path, source: Path) -> None:
    feed = _feed(source)
    (tmp_path / "4.h5").unlink()
    with pytest.raises(UserError, match=r"HDF5 file .*4\.h5 cannot be read"):
        _filled(feed, 0)


def test_without_h5py(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(UserError, match=r"HDF5Data needs .*pip install .*'.*\[hdf5\]'"):
        _feed(source)
