import doctest
import shutil

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.index import index as module
from mycaffe_py.retrieve.index.index import Index, usual_index
from mycaffe_py.retrieve.index.index_card import IndexFiles, card_path, index_folder
from tests.retrieve.index.digits import make_index, write_digits

ROWS = np.array([[0.0, 0], [3, 4], [0, 1], [0, 1], [0, -1]], np.float32)
NAMES = ["a", "b", "b", "a", ""]


def test_the_example_holds() -> None:
    assert doctest.testmod(module, extraglobs={"np": np}).failed == 0


def test_ties_go_by_row_and_labels_and_reach_limit_what_is_found() -> None:
    index = Index.of(ROWS, NAMES)
    rows = [[hit.row for hit in hits] for hits in index.find(ROWS[:1], k=9)]
    assert rows == [[0, 2, 3, 4, 1]]
    queries = np.repeat(ROWS[:1], 4, axis=0)
    found = index.find(queries, k=2, within=1.0, labels=["a", "b", None, "a"], skip=[-1, -1, 0, 0])
    assert [[hit.row for hit in hits] for hits in found] == [[0, 3], [2], [2, 3], [3]]
    assert found[1][0].distance == 1.0
    assert found[1][0].label == "b"


def test_cosine_compares_directions() -> None:
    (hits,) = Index.of(ROWS, metric="cosine").find([[0.0, 5.0]], k=2)
    assert [(hit.row, hit.distance) for hit in hits] == [(2, 0.0), (3, 0.0)]


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"k": 0}, "-k is 0; at least 1"),
        ({"within": -1.0}, "--within is -1"),
        ({"within": float("nan")}, "--within is nan"),
        ({"labels": ["c"]}, "no row has the label 'c'"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked, text) -> None:
    with pytest.raises(UserError, match=text):
        Index.of(ROWS, NAMES).find(ROWS[:1], **asked)


def test_queries_that_are_no_rows_are_refused() -> None:
    index = Index.of(ROWS)
    with pytest.raises(UserError, match="not a number"):
        index.find([[np.nan, 1]])
    with pytest.raises(UserError, match="queries of 3 values"):
        index.find([[1.0, 2, 3]])
    with pytest.raises(UserError, match="2 labels for 5 rows"):
        Index.of(ROWS, ["a", "b"])


def test_the_only_index_needs_no_name(siamese_snapshot, tmp_path) -> None:
    with pytest.raises(UserError, match=r"no index.*index create"):
        usual_index()
    folder = write_digits(tmp_path / "one")
    make_index(siamese_snapshot, folder)
    assert usual_index() == "one"
    make_index(siamese_snapshot, folder, name="two")
    with pytest.raises(UserError, match="--index one or two"):
        usual_index()


def test_damage_of_every_file_is_one_clear_error(siamese_snapshot, tmp_path) -> None:
    make_index(siamese_snapshot, write_digits(tmp_path / "pictures"), name="N")
    files = IndexFiles(index_folder("N"), 1)
    whole = tmp_path / "whole"
    shutil.copytree(index_folder("N"), whole)
    for path in (*files.all, card_path("N")):
        for damage in (b"", path.read_bytes()[:-3], path.read_bytes()[:-1] + b"?"):
            path.write_bytes(damage)
            with pytest.raises(UserError, match=r"index 'N' is damaged.*index create"):
                Index.open("N")
        path.unlink()
        with pytest.raises(UserError, match=r"is missing|there is no index"):
            Index.open("N")
        shutil.copy(whole / path.name, path)
    assert len(Index.open("N")) == 12
    with pytest.raises(UserError, match=r"no index 'n'.*Did you mean 'N'"):
        Index.open("n")
    with pytest.raises(UserError, match="no dataset name"):
        Index.open("../N")
