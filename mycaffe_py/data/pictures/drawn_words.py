"""Names as they can be drawn: in one line, and with letters that the font has."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

# Invisible where they stand, and no font has them: joiners, marks of direction, variants.
_WITHOUT_A_SHAPE = ("Cf", "Mn", "Me")


def one_line(text: str, most: int = 0) -> str:
    """`text` without tabs, line ends and other control characters, cut after `most` letters."""
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    plain = " ".join(spaced.split())
    return plain if not most or len(plain) <= most else plain[: most - 1].rstrip() + "…"


def in_letters(text: str, has: Callable[[str], bool]) -> str:
    """`text` with the number of each letter that the font does not have, so that names differ."""
    return "".join(c if has(c) else _in_place_of(c) for c in text)


def _in_place_of(letter: str) -> str:
    return "" if unicodedata.category(letter) in _WITHOUT_A_SHAPE else f"[{ord(letter):X}]"


Font = ImageFont.ImageFont | ImageFont.FreeTypeFont


class PillowWords:
    """Names for pictures that Pillow draws with `font`."""

    def __init__(self, names: Iterable[str], size_px: int) -> None:
        """A font with the letters of `names`: Pillow's own has English ones, matplotlib's more."""
        self._choose(ImageFont.load_default(size_px))
        if not all(self._has(letter) for name in names for letter in one_line(name)):
            file = _font_of_matplotlib()
            if file is not None:
                self._choose(ImageFont.truetype(str(file), size_px))

    def _choose(self, font: Font) -> None:
        self.font = font
        self._nothing = self._shape("\uffff")

    def _shape(self, letter: str) -> tuple[object, bytes]:
        mask = self.font.getmask(letter)
        return mask.size, bytes(mask)

    def _has(self, letter: str) -> bool:
        if letter.isascii():
            return True
        try:
            return self._shape(letter) != self._nothing
        except UnicodeEncodeError:
            return False

    def drawn(self, text: str, most: int = 0) -> str:
        """`text` in one line of at most `most` letters."""
        return in_letters(one_line(text, most), self._has)


def _font_of_matplotlib() -> Path | None:
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        return None
    file = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
    return file if file.is_file() else None
