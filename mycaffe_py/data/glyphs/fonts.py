"""Which fonts are there, and which letters of which scripts they have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from mycaffe_py.data.glyphs.font_characters import characters_of
from mycaffe_py.data.glyphs.scripts import script_of
from mycaffe_py.data.looked_for import no_folder
from mycaffe_py.errors import UserError

FOLDER = Path("/usr/share/fonts")
HOW_TO_GET = (
    "On Debian 'apt-get install fonts-noto-core fonts-noto-extra' brings fonts of 150 scripts; "
    "elsewhere put the Noto fonts into a folder and name it with --fonts FOLDER."
)
_ENDINGS = (".ttf", ".otf", ".ttc")
# Scripts of fewer letters are left out: a choice among 20 needs as many, and some to lose.
LEAST_LETTERS = 21

# Script, then letter: the fonts that have it.
Letters = Mapping[str, Mapping[int, Sequence[Path]]]


def letters_of(folder: Path) -> Letters:
    """The letters of each script, and the fonts below `folder` that have them, in their order.

    Errors: no folder, no fonts, fonts of a single script.
    """
    if not folder.is_dir():
        raise UserError(no_folder(folder), do=HOW_TO_GET)
    found: dict[str, dict[int, list[Path]]] = defaultdict(lambda: defaultdict(list))
    scripts: dict[int, str] = {}
    for path in _fonts(folder):
        for number in sorted(characters_of(path)):
            if number not in scripts:
                scripts[number] = script_of(number)
            if scripts[number]:
                found[scripts[number]][number].append(path)
    return {name: found[name] for name in sorted(found) if len(found[name]) >= LEAST_LETTERS}


def _fonts(folder: Path) -> list[Path]:
    """By their names, wherever they lie: the same fonts elsewhere make the same data set."""
    there = [path for path in folder.rglob("*") if path.suffix.lower() in _ENDINGS]
    return sorted(there, key=lambda path: (path.name, str(path)))
