"""Files a user names, read one by one: a file that cannot be read costs no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeVar

from mycaffe_py.errors import UserError

Read = TypeVar("Read")


@dataclass(frozen=True)
class Unread:
    """A file that could not be used, and why."""

    path: Path
    error: UserError


def read_each(
    paths: Iterable[Path], read: Callable[[Path], Read]
) -> Iterator[tuple[Path, Read | Unread]]:
    """Each of `paths` with what `read` makes of it, or with its UserError."""
    for path in paths:
        try:
            yield path, read(path)
        except UserError as error:
            yield path, Unread(path, error)
        except OSError as error:
            why = error.strerror or type(error).__name__
            yield path, Unread(path, UserError(f"'{path}' cannot be read: {why}"))


def from_first_read(
    each: Iterator[tuple[Path, Read | Unread]],
) -> tuple[list[Unread], Iterator[tuple[Path, Read | Unread]] | None]:
    """What could not be read ahead of the first that could, and the rest from that one on.

    None where nothing could: what takes long need not be begun then.
    """
    ahead: list[Unread] = []
    for path, one in each:
        if not isinstance(one, Unread):
            return ahead, chain([(path, one)], each)
        ahead.append(one)
    return ahead, None
