"""The first line of a run's diary."""

from pathlib import Path

import pytest

from mycaffe_py.snapshot.diary import first_line, run_of


def test_a_diary_names_its_run(tmp_path: Path) -> None:
    path = tmp_path / "r.events.jsonl"
    assert run_of(path) == ""
    path.write_bytes(first_line("abc", 7) + b'{"kind": "display", "iteration": 0}\n')
    assert run_of(path) == "abc"


@pytest.mark.parametrize("text", ["", "{", "[1]\n", "\xff", '{"kind": "display"}\n', "1\n"])
def test_an_older_or_damaged_one_names_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.events.jsonl"
    path.write_text(text, encoding="latin-1")
    assert run_of(path) == ""
