import shutil
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.index.index import Index
from mycaffe_py.retrieve.index.judged import duplicates_of, outliers_of
from tests.retrieve.index.digits import make_index, write_digits


def test_doubles_of_other_labels_come_first(siamese_snapshot, tmp_path) -> None:
    folder = write_digits(tmp_path / "pictures")
    shutil.copy(folder / "0" / "1.png", folder / "0" / "again.png")
    shutil.copy(folder / "2" / "1.png", folder / "1" / "wrong.png")
    index = make_index(siamese_snapshot, folder, name="N").index
    report = duplicates_of(index, 0.0, 20)
    names = [[Path(index.path(row)).name for row in g.rows] for g in report.groups]
    assert names == [["wrong.png", "1.png"], ["1.png", "again.png"]]
    assert [report.mixed(group) for group in report.groups] == [True, False]
    assert "group 1: the same content, of different labels" in report.lines()
    assert report.draw(tmp_path / "sheet.png") == 2
    assert len(report.as_json()["groups"]) == 2
    usual = duplicates_of(index, None, 1)
    assert usual.usual is not None
    assert usual.within == 0.01 * usual.usual
    assert "and 1 more: --top N shows more" in usual.lines()


def test_what_lies_far_out_of_its_label_is_first(tmp_path) -> None:
    draw = np.random.default_rng(0)
    rows = np.concatenate([draw.normal(0, 1, (20, 4)), draw.normal(50, 1, (20, 4))])
    rows[7] = 60
    index = Index.of(rows.astype(np.float32), ["a"] * 20 + ["b"] * 19 + [""])
    report = outliers_of(index, None, 3)
    assert report.rows[0] == 7
    assert report.as_json()["rows"][0]["ratio"] > 100
    assert 39 not in outliers_of(index, 2, 99).rows
    assert report.draw(tmp_path / "sheet.png") == 1


@pytest.mark.parametrize(("k", "top", "text"), [(0, 1, "-k is 0"), (1, 0, "--top is 0")])
def test_numbers_below_one_are_refused(k, top, text) -> None:
    index = Index.of(np.zeros((3, 2)), ["a", "a", "b"])
    with pytest.raises(UserError, match=text):
        outliers_of(index, k, top)


def test_an_index_without_labels_has_no_outliers() -> None:
    with pytest.raises(UserError, match="no label of index '' has two rows"):
        outliers_of(Index.of(np.zeros((3, 2))), None, 5)
    with pytest.raises(UserError, match="--within is -1"):
        duplicates_of(Index.of(np.zeros((3, 2))), -1.0, 5)
    assert not duplicates_of(Index.of(np.arange(6.0).reshape(3, 2)), 0.0, 5).groups
