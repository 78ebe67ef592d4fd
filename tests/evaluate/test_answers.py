"""What a snapshot answered, kept item by item."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.answers import Answers, _kept, read_answers, write_answers
from mycaffe_py.snapshot.names import SnapshotFiles


@pytest.fixture
def files(tmp_path: Path) -> SnapshotFiles:
    return SnapshotFiles.of(tmp_path / "net", 10)


def made(source: str, count: int = 3) -> Answers:
    numbers = np.arange(count, dtype=np.int64)
    distances = np.linspace(0, 1, 2 * count, dtype=np.float32).reshape(count, 2)
    return Answers(source, "c0", numbers, numbers % 2, numbers % 2, numbers[:2], distances)


def test_answers_on_each_source_are_kept_and_the_last_ones_count(files: SnapshotFiles) -> None:
    write_answers(files, made("A.testing"))
    write_answers(files, made("B.testing", 4))
    write_answers(files, made("A.testing", 5))
    found = read_answers(files, "A.testing")
    assert found.records.tolist() == [0, 1, 2, 3, 4]
    assert np.array_equal(found.distances, made("A.testing", 5).distances)
    assert len(read_answers(files, "B.testing").records) == 4
    assert [path.name for path in files.card.parent.iterdir()] == ["net_iter_10.answers.npz"]


def test_what_is_not_kept_is_said(files: SnapshotFiles) -> None:
    with pytest.raises(UserError, match=r"no answers on 'A\.testing' are kept.*--record"):
        read_answers(files, "A.testing")
    write_answers(files, made("A.testing"))
    with pytest.raises(UserError, match=r"Did you mean 'A\.testing'"):
        read_answers(files, "A.testin")


@pytest.mark.parametrize(
    "wrong",
    [
        {"labels": np.zeros(2, np.int64)},
        {"distances": np.zeros((3, 3), np.float32)},
        {"classes": np.zeros(5, np.int64)},
        {"features": np.zeros((2, 2), np.float32)},
    ],
)
def test_arrays_that_do_not_fit_each_other_are_damage(files: SnapshotFiles, wrong: Any) -> None:
    write_answers(files, replace(made("A.testing"), **wrong))
    with pytest.raises(UserError, match=r"are damaged .*not of one length"):
        read_answers(files, "A.testing")


def test_a_file_that_is_none_is_named(files: SnapshotFiles) -> None:
    path = write_answers(files, made("A.testing"))
    whole = path.read_bytes()
    for content in (b"", whole[:-30], whole[:40]):
        path.write_bytes(content)
        with pytest.raises(UserError, match=r"answers\.npz' are damaged"):
            read_answers(files, "A.testing")


def test_test_many_records_what_it_counts(
    mycaffe: Callable[..., Any], siamese_snapshot: Path, tmp_path: Path
) -> None:
    for path in siamese_snapshot.parent.glob("small_iter_150.*"):
        shutil.copy(path, tmp_path)
    done = mycaffe("test-many", "--record", "--json", "--items", "50")
    assert done.code == 0, done.err
    files = SnapshotFiles.beside(tmp_path / "small_iter_150.caffemodel")
    found = read_answers(files, "digits28.testing")
    assert len(found.records) == 50
    right = found.classes[found.distances.argmin(axis=1)] == found.labels
    assert right.mean() == pytest.approx(json.loads(done.out)["accuracy"])
    assert np.array_equal(found.classes[found.distances.argmin(axis=1)], found.answers)
    assert len(found.features) == 50
    assert np.isfinite(found.features).all()


def test_features_are_kept_where_the_file_stays_small(
    files: SnapshotFiles, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = np.arange(6, dtype=np.float32).reshape(3, 2)
    write_answers(files, replace(made("A.testing"), features=rows))
    assert np.array_equal(read_answers(files, "A.testing").features, rows)
    assert np.array_equal(_kept(rows), rows)
    monkeypatch.setattr("mycaffe_py.evaluate.answers.MOST_FEATURE_BYTES", 23)
    assert not _kept(rows).size
    assert "2 features of each item are not kept" in capsys.readouterr().err


def test_a_file_of_an_earlier_version_has_no_features(files: SnapshotFiles) -> None:
    path = write_answers(files, made("A.testing"))
    with np.load(path) as arrays:
        kept = {name: arrays[name] for name in arrays.files if "features" not in name}
    np.savez(path, allow_pickle=False, **kept)
    found = read_answers(files, "A.testing")
    assert found.features.shape == (0, 0)
    assert len(found.records) == 3
