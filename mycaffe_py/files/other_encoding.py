"""Texts of users that are not in UTF-8, told with the line."""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.errors import UserError, Where


def other_encoding(path: Path) -> UserError:
    """The error of a text in which a byte is no UTF-8, at the first line that has one."""
    place, byte = 0, ""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                place, byte = number, f" (byte 0x{line[error.start]:02x})"
                break
    return UserError(
        f"this is no UTF-8{byte}",
        where=Where(str(path), place),
        wanted="a text in UTF-8; Windows programs often write another encoding",
        do="Save it as UTF-8.",
    )
