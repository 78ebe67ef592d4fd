"""JSON is read within bounds, whatever is in it."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from mycaffe_py.files.checked_json import load_json, parse_json, read_bounded, read_json
from mycaffe_py.files.schema import DamagedError


@dataclass(frozen=True)
class Card:
    name: str
    seed: int = 0


def test_a_file_becomes_what_its_fields_say(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_bytes(b'\xef\xbb\xbf{"format": 2, "name": "\xc3\xa4", "later": [1]}')
    assert read_json(path, Card, 2) == Card("ä")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "Expecting value"),
        (b"\xff", "utf-8"),
        (b'{"name": NaN}', "NaN is no number"),
        (b'{"name": -Infinity}', "-Infinity is no number"),
        (b"1e999", "a huge number found"),
        (b"9" * 5000, "limit"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[" * 60 + b"]" * 60, "nested too deeply"),
        (b'{"format": 1, "name": "a"}', "format 1, this version reads 2"),
        (b'{"name": "a"}', "format is missing"),
        (b'{"format": 2}', "name is missing"),
        (b"[]", "all of it: an object was expected, a list found"),
    ],
)
def test_what_cannot_be_is_damaged(text, told: str) -> None:
    with pytest.raises(DamagedError, match=told):
        parse_json(text, Card, 2)


def test_brackets_inside_of_texts_are_no_nesting() -> None:
    assert load_json('["' + "[" * 999 + '", "\\"[[", []]') == ["[" * 999, '"[[', []]


def test_a_field_not_known_is_refused_where_it_would_change_the_others() -> None:
    assert parse_json('{"name": "a", "more": 1}', Card) == Card("a")
    with pytest.raises(DamagedError, match="more is not known to this version"):
        parse_json('{"name": "a", "more": 1}', Card, exact=True)


def test_a_file_that_is_too_large_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(DamagedError, match="more than 33,554,432 bytes"):
        read_bounded(path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DamagedError, match="it is no file"):
        read_bounded(tmp_path / "pipe")
