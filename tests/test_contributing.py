"""What CONTRIBUTING.md says of files, floors and commands is so."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import mycaffe_py.cli
from tests.conftest import Result
from tests.readme_blocks import blocks
from tests.test_floors import FLOORS

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
# A path in the text: between backquotes, or a word of a command, of this project's folders.
PATH = re.compile(r"(?:mycaffe_py|tests|protos|\.ci)/[\w./-]*")
# What stands in a path for a name of the reader's choice.
OPEN_NAME = re.compile(r"\b[A-Z]{2,}\b")
# What is made, and lies in no fresh clone.
MADE = {"mycaffe_py/site"}
FLOOR = re.compile(r" ?(\d+)  (\S+(?:  ?\S+)*?)(?:   +.*)?")
COMMAND = """
NAME = "greet"
HELP = "Say hello."
EXAMPLES = "  mycaffe greet Ada"


def add_arguments(parser):
    parser.add_argument("who")


def run(args):
    print(f"Hello {args.who}")
    return 0
"""


def _missing(text: str) -> list[str]:
    """The paths that do not exist; one with an open name exists when any file has its form."""
    forms = {path: OPEN_NAME.sub("*", path.rstrip("/.")) for path in PATH.findall(text)}
    return [p for p, form in forms.items() if form not in MADE and not any(ROOT.glob(form))]


def _floors(picture: str) -> dict[str, int]:
    lines = [FLOOR.fullmatch(line) for line in picture.splitlines()]
    return {name: int(found[1]) for found in lines if found for name in found[2].split()}


def test_the_files_it_names_exist() -> None:
    assert len(PATH.findall(TEXT)) > 20
    assert not _missing(TEXT)


def test_a_file_that_is_gone_is_found() -> None:
    gone = "`mycaffe_py/layers/FAMILY/NAME.py` and `mycaffe_py/nowhere/NAME.py`, tests/no_such.py"
    assert _missing(gone) == ["mycaffe_py/nowhere/NAME.py", "tests/no_such.py"]


def test_the_picture_shows_the_floors_that_are_checked() -> None:
    (picture,) = (block.text for block in blocks(TEXT) if "__main__" in block.text)
    assert _floors(picture) == FLOORS
    heights = [int(line.split()[0]) for line in picture.splitlines()]
    assert heights == sorted(heights, reverse=True)


@pytest.fixture
def greeting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command file that stands in the folder of the commands, as far as Python can tell."""
    folder = tmp_path / "more_commands"
    folder.mkdir()
    (folder / "greet.py").write_text(COMMAND)
    monkeypatch.setattr(mycaffe_py.cli, "__path__", [*mycaffe_py.cli.__path__, str(folder)])
    yield
    sys.modules.pop("mycaffe_py.cli.greet", None)
    vars(mycaffe_py.cli).pop("greet", None)


def test_a_command_is_one_file(greeting: None, mycaffe: Callable[..., Result]) -> None:
    assert mycaffe("greet", "Ada").out == "Hello Ada\n"
    assert re.search(r"greet +Say hello\.", mycaffe("--help").out)
