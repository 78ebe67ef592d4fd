import dataclasses
from pathlib import Path

import pytest

from mycaffe_py.data.feature_tables.feature_card import read_card, table_splits
from mycaffe_py.errors import UserError
from tests.data.tables import BASE, small_card, write_table


def test_what_was_written_is_read(tmp_path: Path) -> None:
    card = small_card(checksum="c" * 64)
    (tmp_path / "card").write_bytes(card.text(done=7))
    assert read_card(tmp_path / "card") == (card, 7)
    (tmp_path / "card").write_bytes(card.text())
    assert read_card(tmp_path / "card") == (card, 0)
    assert (card.rows, card.row_bytes) == (24, 20)
    assert small_card(dtype="float16").row_bytes == 10


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"size": 5', b'"size": 6'),
        (b'"cat"', b'"cow"'),
        (b'"variants": 2', b'"variants": 1'),
        (b"}", b""),
        (b'"format": 1', b'"format": 2'),
        (b'"seal"', b'"sea"'),
    ],
)
def test_a_card_that_was_changed_is_refused(tmp_path: Path, old: bytes, new: bytes) -> None:
    text = small_card().text()
    assert old in text
    (tmp_path / "card").write_bytes(text.replace(old, new))
    with pytest.raises(UserError, match=r"card of a feature table.*is damaged.*--force"):
        read_card(tmp_path / "card")


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"garbage \xff", b'{"seal": 1}'])
def test_what_is_no_card_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "card").write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        read_card(tmp_path / "card")


def test_differences_are_named() -> None:
    card = small_card()
    assert card.differs(small_card(checksum="c")) == []
    assert card.differs(dataclasses.replace(card, seed=1, batch=9)) == ["seed", "batch"]
    moved = dataclasses.replace(BASE, weights="/elsewhere", model="/another")
    assert card.differs(small_card(base=moved)) == []
    other = dataclasses.replace(BASE, weights_checksum="x", transform_checksum="y")
    assert card.differs(small_card(base=other)) == ["weights", "transform"]


def test_splits_are_those_that_are_complete() -> None:
    assert table_splits("T") == []
    write_table(small_card("training"))
    files = write_table(small_card("testing"))
    assert table_splits("T") == ["testing", "training"]
    files.card.rename(files.started)
    assert table_splits("T") == ["training"]
