import os

import pytest

from mycaffe_py.files.schema import DamagedError
from mycaffe_py.retrieve.index.entries import (
    Entries,
    Entry,
    Stamp,
    as_record,
    entries_text,
    shown_path,
)

ODD = os.fsdecode(b"/a\tb\nc\\d\xff/\xc3\xa4.png")


def test_what_is_written_is_read_whatever_a_file_is_called() -> None:
    wanted = [Entry(ODD, Stamp(3, 17, 18), "ab"), Entry("MNIST.testing:7", None, "cd")]
    found = Entries(entries_text(wanted))
    assert list(found) == wanted
    assert found[0:1] == wanted[:1]
    assert [found.row_of(ODD), found.row_of("MNIST.testing:7"), found.row_of("MNIST")] == [0, 1, -1]


def test_a_damaged_list_is_refused() -> None:
    text = entries_text([Entry("a", None, "b")])
    with pytest.raises(DamagedError, match="no head or no end"):
        Entries(text[:-1])
    with pytest.raises(DamagedError, match="has 4 fields"):
        list(Entries(text.replace(b"a\t", b"a")))
    with pytest.raises(DamagedError, match="no numbers"):
        list(Entries(text.replace(b"a\t\t\t\t", b"a\t1\tx\t3\t")))


@pytest.mark.parametrize(
    ("path", "record"),
    [("MNIST.testing:17", ("MNIST.testing", 17)), ("a.b.c:0", ("a.b.c", 0)), ("a/b.c:1", None),
     ("MNIST:3", None), ("MNIST.testing:-1", None), ("MNIST.testing", None)],
)  # fmt: skip
def test_a_record_is_told_from_a_path(path, record) -> None:
    assert as_record(path) == record


def test_a_path_is_shown_from_the_folder_one_is_in(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown_path(str(tmp_path / "a" / "b.png")) == "a/b.png"
    assert shown_path("/elsewhere/b.png") == "/elsewhere/b.png"
    assert shown_path("MNIST.testing:3") == "MNIST.testing:3"
