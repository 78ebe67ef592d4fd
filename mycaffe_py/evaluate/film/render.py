"""A film written as what the ending of a file asks for: an animation, or a page to turn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.film.animation import animate
from mycaffe_py.evaluate.film.colours import DARK, LIGHT
from mycaffe_py.evaluate.film.find import FoundFilm
from mycaffe_py.evaluate.film.page import write_page

_PAGE = ".html"
ENDINGS = (".gif", ".webp", _PAGE)


def check_endings(paths: Sequence[Path]) -> None:
    """Errors: a file that ends with none of ENDINGS."""
    wrong = [path for path in paths if path.suffix.lower() not in ENDINGS]
    if wrong:
        raise UserError(f"--out {wrong[0]}", wanted=f"it ends with {', '.join(ENDINGS)}")


def usual_files(found: FoundFilm) -> list[Path]:
    """PREFIX.html and PREFIX.gif of the run."""
    return [found.prefix.with_name(found.prefix.name + end) for end in (_PAGE, ".gif")]


def render(found: FoundFilm, path: Path, seconds: float, width: int, dark: bool) -> None:
    """Write `path`: an animation of `seconds`, `width` pixels wide, or a page, which has neither.

    A page that is not asked to be `dark` follows the reader's system.
    """
    if path.suffix.lower() == _PAGE:
        write_page(found.show, found.film.head.records, path, dark=dark or None)
    else:
        animate(found.show, path, seconds, DARK if dark else LIGHT, width)
