import dataclasses

import numpy as np
import pytest

from mycaffe_py.data.feature_tables.feature_card import TableFiles, read_card
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.evaluate.features.feature_writing import TableWriter, remove_table
from tests.data.tables import small_card, small_labels, small_values, write_table

CARD = small_card()
FILES = ("rows", "labels", "card")


def _files():
    return TableFiles.of("T", "training")


def _contents():
    return [getattr(_files(), name).read_bytes() for name in FILES]


def _writer(card=CARD, commit_s=0.0):
    return TableWriter(_files(), card, small_labels(card), commit_s)


def _go_on(writer, until=CARD.rows):
    values = small_values(CARD)
    while writer.done < until:
        writer.append(values[writer.done : writer.done + CARD.batch])


def test_it_goes_on_where_it_stopped() -> None:
    write_table(CARD)
    whole = _contents()
    remove_table(_files())
    for until in (4, 12, 16):
        with pytest.raises(KeyboardInterrupt), _writer(commit_s=1e9) as writer:
            _go_on(writer, until)
            raise KeyboardInterrupt
        assert read_card(_files().started) == (CARD, until)
        assert not _files().card.exists()
    with _writer() as writer:
        assert writer.done == 16
        _go_on(writer)
        writer.finish(small_labels(CARD))
    assert _contents() == whole
    assert sorted(p.name for p in _files().rows.parent.iterdir()) == [
        "training.json", "training.labels", "training.rows",
    ]  # fmt: skip


def test_what_was_not_noted_is_cut_off() -> None:
    with _writer() as writer:
        _go_on(writer, 8)
    with _files().rows.open("ab") as file:
        file.write(b"half a row that a kill left")
    (_files().rows.parent / ".training.started.json.x1").write_text("left by a kill")
    with _writer() as writer:
        assert writer.done == 8
        _go_on(writer)
        writer.finish(small_labels(CARD))
    assert np.array_equal(open_source("T.training").images.reshape(24, 5), small_values(CARD))
    assert len(list(_files().rows.parent.iterdir())) == 3


def test_rows_that_a_power_cut_took_are_made_again() -> None:
    with _writer() as writer:
        _go_on(writer, 16)
    with _files().rows.open("r+b") as file:
        file.truncate(10 * CARD.row_bytes + 3)
    with _writer() as writer:
        assert writer.done == 8


def test_rows_are_noted_after_a_while_only() -> None:
    with _writer(commit_s=1e9) as writer:
        _go_on(writer, 16)
        assert read_card(_files().started)[1] == 0
        writer.commit()
        assert read_card(_files().started)[1] == 16


def test_a_table_begun_otherwise_is_not_gone_on_with() -> None:
    with _writer() as writer:
        _go_on(writer, 8)
    other = dataclasses.replace(CARD, batch=8, seed=4)
    with pytest.raises(UserError, match=r"begun with another seed, batch: 8 of 24 rows .*--force"):
        _writer(other)
    remove_table(_files())
    with _writer(other) as writer:
        assert writer.done == 0


def test_only_one_process_writes() -> None:
    with _writer(), pytest.raises(UserError, match="being written by another process"):
        _writer()
    _writer().__exit__(None, None, None)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_numbers_that_are_none_are_refused(dtype: str) -> None:
    card = dataclasses.replace(CARD, dtype=dtype)
    values = np.ones((4, 5), np.float32)
    values[3, 1] = 1e5 if dtype == "float16" else np.nan
    told = r"image 1 of GONE.training hold NaN or infinity; in "
    with pytest.raises(MyCaffeError, match=told), _writer(card) as writer:
        writer.append(values)
    assert read_card(_files().started)[1] == 0


def test_labels_are_those_of_the_rows() -> None:
    write_table(CARD)
    stored = np.fromfile(_files().labels, "<i8")
    assert stored.tolist() == [0, 0, 1, 1, 2, 2] * 4
