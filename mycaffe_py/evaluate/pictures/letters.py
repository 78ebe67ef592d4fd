"""Names in matplotlib's pictures: as they stand, in any script that a font here has."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache

from mycaffe_py.data.pictures.drawn_words import in_letters, one_line

# It has one sign for all letters of a script.
_OF_LAST_RESORT = "Last Resort"


def words(text: str, most: int = 0) -> str:
    """`text` for a picture: in one line of at most `most` letters, never read as mathematics.

    Letters of other scripts are drawn within `lettering`. Those that no font here has are shown
    by their numbers.
    """
    drawn = in_letters(one_line(text, most), _there)
    return drawn.replace("$", r"\$")


@contextmanager
def lettering(texts: Iterable[str]) -> Iterator[None]:
    """Within it, texts of a figure are made with fonts that have the letters of `texts`."""
    import matplotlib as mpl

    letters = sorted({letter for text in texts for letter in one_line(text)})
    found = {letter: _family(letter) for letter in letters}
    missing = [letter for letter in letters if found[letter] is None and in_letters(letter, _no)]
    _tell("".join(missing))
    more = dict.fromkeys(family for family in found.values() if family)
    with mpl.rc_context({"font.family": [*mpl.rcParams["font.family"], *more]}):
        yield


def _no(letter: str) -> bool:
    del letter
    return False


@cache
def _tell(missing: str) -> None:
    if missing:
        shown = missing.encode("utf-8", "replace").decode()
        print(f"no font here has the letters {shown}; they are drawn as numbers", file=sys.stderr)


def _there(letter: str) -> bool:
    return _family(letter) is not None


@cache
def _family(letter: str) -> str | None:
    """The font family that has `letter`: "" for the usual one, None where there is none."""
    from matplotlib.font_manager import FontProperties, findfont, fontManager

    # Half of a pair, as in a file name that is no UTF-8.
    if "\ud800" <= letter <= "\udfff":
        return None
    if _has(findfont(FontProperties()), letter):
        return ""
    for entry in fontManager.ttflist:
        if not entry.name.startswith(_OF_LAST_RESORT) and _has(entry.fname, letter):
            return str(entry.name)
    return None


@cache
def _has(file: str, letter: str) -> bool:
    from matplotlib.font_manager import get_font

    try:
        return bool(get_font(file).get_char_index(ord(letter)))
    except (OSError, RuntimeError):
        # A font that was removed or is damaged has no letters for us.
        return False
