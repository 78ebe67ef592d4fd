"""Names of classes: lists with and without the background, label maps."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.detect.names import read_names
from mycaffe_py.errors import UserError

MAP = """
item { name: "none_of_the_above" label: 0 display_name: "background" }
item {
  name: "n02" label: 1
  display_name: 'tabby cat'
}
item { name: "n03" label: 7 }
"""


@pytest.mark.parametrize(
    ("text", "classes", "names"),
    [
        ("background\ncat\ndog\n", 3, {0: "background", 1: "cat", 2: "dog"}),
        ("cat\ndog\n", 3, {1: "cat", 2: "dog"}),
        ("cat\ndog\n", 0, {1: "cat", 2: "dog"}),
        ("5 cat\n2 dog\n", 3, {5: "cat", 2: "dog"}),
        (MAP, 3, {0: "background", 1: "tabby cat", 7: "n03"}),
    ],
)
def test_names(tmp_path: Path, text: str, classes: int, names: dict[int, str]) -> None:
    (tmp_path / "names.txt").write_text(text)
    assert read_names(tmp_path / "names.txt", classes) == names


def test_another_number_of_names(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("cat\n")
    with pytest.raises(UserError, match="has 1 names; the net has 3 classes"):
        read_names(tmp_path / "names.txt", 3)
    with pytest.raises(UserError, match="cannot be read"):
        read_names(tmp_path / "none.txt", 3)
