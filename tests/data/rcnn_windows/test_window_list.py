from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycaffe_py.data.rcnn_windows.window_list import read_windows
from mycaffe_py.errors import UserError, Where

TEXT = """\
# 0
a.jpg
3
100
200
3
5 0.7 1 2 30 40
5 0.5 2 2 30 40
5 0.3 3 2 30 40
# 1
b.jpg 3 50 60
1
2 0.1 0 0 9 9
"""


def _read(folder, text, **more):
    path = folder / "windows.txt"
    path.write_text(text)
    limits = {"object_overlap": 0.5, "background_overlap": 0.2} | more
    return read_windows(path, "pics/", where=Where("net.prototxt", 4), **limits)


def test_windows_by_their_overlap(tmp_path: Path) -> None:
    windows = _read(tmp_path, TEXT)
    found = [
        (str(w.picture), w.label, w.x1, w.y1, w.x2, w.y2, w.where.line) for w in windows.objects
    ]
    assert found == [("pics/a.jpg", 5, 1, 2, 30, 40, 7), ("pics/a.jpg", 5, 2, 2, 30, 40, 8)]
    assert [(str(w.picture), w.label, w.x2) for w in windows.background] == [("pics/b.jpg", 0, 9)]
    wider = _read(tmp_path, TEXT, background_overlap=0.5)
    assert [w.label for w in wider.background] == [0, 0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("# 1", "1", r"windows\.txt:10: '1' stands in the window file; expected a '#'"),
        ("# 0", "# one", r"windows\.txt:1: 'one' stands .*; expected a number"),
        ("\n100\n", "\nhigh\n", r"windows\.txt:4: 'high'"),
        ("5 0.7 1", "nan 0.7 1", r"windows\.txt:7: 'nan' stands .*a finite number"),
        ("5 0.7 1", "0 0.7 1", r"windows\.txt:7: an object has label 0"),
        ("a.jpg\n3", "a.jpg\n1", r"windows\.txt:2: picture pics/a\.jpg has 1 channels"),
        ("2 0.1 0 0 9 9\n", "2 0.1 0 0", r"windows\.txt:13: the window file ends within a picture"),
        ("2 0.1", "2 0.4", r"net\.prototxt:4: .* has no windows of background"),
        ("0.7 1 2 30 40\n5 0.5", "0.2 1 2 30 40\n5 0.2", "has no windows of objects"),
        (TEXT, "", "has no windows of objects"),
    ],
)
def test_mistakes(tmp_path: Path, old, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(UserError, match=said):
        _read(tmp_path, TEXT.replace(old, new))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"net\.prototxt:4: window file .* cannot be read"):
        read_windows(tmp_path / "none", "", 0.5, 0.5, Where("net.prototxt", 4))


@given(st.text(alphabet="#0123 .nai-\n", max_size=60))
def test_any_text_is_read_or_one_error(tmp_path_factory: pytest.TempPathFactory, text) -> None:
    try:
        windows = _read(tmp_path_factory.mktemp("w"), text)
    except UserError:
        return
    assert windows.objects and windows.background
