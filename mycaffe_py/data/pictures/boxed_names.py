"""Where pictures with boxes are written: one to a file, several into a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mycaffe_py.errors import UserError


def check_boxed_names(out: Path | None, count: int) -> None:
    """Before any work is done: `out` for so many pictures. Errors: no such name."""
    if out is None:
        return
    if _is_file(out, count):
        check_png(out, "--out")
    elif out.exists() and not out.is_dir():
        raise UserError(
            f"--out is '{out}', a file",
            wanted=f"{count} pictures need a folder",
            do="Name a folder, which may be a new one.",
        )


def check_png(path: Path, option: str) -> None:
    """Errors: a name of another ending."""
    if path.suffix.lower() != ".png":
        raise UserError(
            f"{option} is '{path}'", wanted="a name that ends in .png, as a PNG is written"
        )


def boxed_names(out: Path, paths: Sequence[Path], asked: int) -> list[Path]:
    """A file for each of `paths`, which are of `asked` pictures those that could be read.

    In a folder they are named after the pictures; those of one name get numbers.
    """
    if _is_file(out, asked):
        return [out] * len(paths)
    taken: dict[str, int] = {}
    files = []
    for path in paths:
        count = taken[path.stem] = taken.get(path.stem, 0) + 1
        number = "" if count == 1 else f"-{count}"
        files.append(out / f"{path.stem}{number}.boxed.png")
    return files


def _is_file(out: Path, count: int) -> bool:
    """Whether `out` is for one picture; without an ending it is a folder, as *.png may be one."""
    return count == 1 and bool(out.suffix) and not out.is_dir()
