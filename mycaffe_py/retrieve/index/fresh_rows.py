"""Rows made anew: what is read goes through the net, what cannot be read is told together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import Images
from mycaffe_py.data.progress import Progress
from mycaffe_py.errors import UserError
from mycaffe_py.parallel.dealing import dealt
from mycaffe_py.retrieve.index.items import Item, Reading
from mycaffe_py.retrieve.index.merging import Merged
from mycaffe_py.solver.team import ALONE, Team

_TOGETHER = 64
# How many an error lists.
_SHOWN = 5


Embed = Callable[[Images], NDArray[Any]]


class Unreadable(NamedTuple):
    """A file that could not be read, and why."""

    path: str
    why: UserError


def fresh_rows(
    made: Merged, name: str, size: int, embed: Embed, skip_unreadable: bool, team: Team = ALONE
) -> tuple[NDArray[np.float32], tuple[Unreadable, ...]]:
    """(m, D) of the rows of `made` that have to be read, and those that could not be.

    The other processes of `team` call `help_with_rows` meanwhile.
    Errors: one that cannot be read without `skip_unreadable`; whatever `embed` finds.
    """
    paths = [e.path for e, origin in zip(made.entries, made.origins, strict=True) if origin < 0]
    rows = np.empty((len(paths), size), np.float32)
    unread: list[Unreadable] = []
    done = 0
    parts = [paths[start : start + _TOGETHER] for start in range(0, len(paths), _TOGETHER)]
    make = _maker(dict(zip(paths, made.reads, strict=True)), embed)
    with Progress(len(paths), "row", name, leave=False) as bar:
        for part, (some, left_out) in zip(parts, dealt(team, parts, make), strict=True):
            rows[done : done + len(some)] = some.reshape(len(some), size)
            done += len(some)
            unread += left_out
            bar.update(len(part))
    if unread and not skip_unreadable:
        raise _not_all(unread, len(paths))
    return rows[:done], tuple(unread)


def help_with_rows(items: Iterable[Item], embed: Embed, team: Team) -> None:
    """Make rows of `items` for the first process of `team`, until it has all that it wants."""
    for _ in dealt(team, (), _maker({item.path: item.read for item in items}, embed)):
        pass


def _maker(
    reads: Mapping[str, Reading], embed: Embed
) -> Callable[[Sequence[str]], tuple[NDArray[Any], list[Unreadable]]]:
    """Makes rows of those of some paths that can be read, and tells of the others."""

    def make(paths: Sequence[str]) -> tuple[NDArray[Any], list[Unreadable]]:
        some, unread = [], []
        for path in paths:
            try:
                some.append(reads[path]())
            except UserError as error:
                unread.append(Unreadable(path, error))
        return embed(np.stack(some)) if some else np.empty((0, 0)), unread

    return make


def _not_all(unread: list[Unreadable], count: int) -> UserError:
    if count == 1:
        return unread[0].why
    shown = "\n  ".join(str(one.why) for one in unread[:_SHOWN])
    more = f"\n  and {len(unread) - _SHOWN} more" if len(unread) > _SHOWN else ""
    return UserError(
        f"{len(unread):,} of {count:,} files cannot be read:\n  {shown}{more}\nnothing is changed",
        do="Pass --skip-unreadable to leave them out.",
    )
