"""The processes that train together, as one of them sees them; usually it is alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.layers.base import Array

Made = TypeVar("Made")

STOP, SNAPSHOT = "stop", "snapshot"


class Team(Protocol):
    """Process number `rank` of `ranks`. All of them call these methods in the same order."""

    rank: int
    ranks: int

    def tell(self, words: Any) -> list[Any]:
        """Tell all others something small; returns what each of them tells, by rank."""

    def swap(self, sent: Sequence[Sequence[Array]], got: Sequence[Sequence[Array]]) -> None:
        """Send the arrays `sent[q]` to process q, and fill the arrays `got[q]` by what it sends."""


class Alone:
    """A process that trains on its own."""

    rank = 0
    ranks = 1

    def tell(self, words: Any) -> list[Any]:
        """There is nobody else."""
        return [words]

    def swap(self, sent: Sequence[Sequence[Array]], got: Sequence[Sequence[Array]]) -> None:
        """There is nobody to send to."""


ALONE = Alone()


class Together:
    """What a run's processes agree upon: each of them may wish, and all do it at the same place.

    A wish is STOP or SNAPSHOT; it travels with the next words that all tell each other.
    """

    def __init__(self, team: Team) -> None:
        self.team = team
        self.rank = team.rank
        self.ranks = team.ranks
        self.granted: set[str] = set()
        self._wishes: list[str] = []

    def wish(self, what: str) -> None:
        """Wish for something; a handler of signals may call it."""
        self._wishes.append(what)

    @property
    def wishes_stop(self) -> bool:
        """Whether this process has wished to stop, and the others do not know yet."""
        return STOP in self._wishes

    def agree(self, words: Any) -> list[Any]:
        """Tell all others something small; returns what each of them tells, by rank."""
        wishes = []
        while self._wishes:
            wishes.append(self._wishes.pop())
        said = self.team.tell((words, wishes))
        for _, wished in said:
            self.granted.update(wished)
        return [told for told, _ in said]


def in_turn(team: Team, make: Callable[[], Made]) -> Made:
    """What `make` makes, first in process 0, then in all others: they find what it has written.

    Errors: those of any process, in all of them.
    """
    made: Made
    for turn in (0, 1):
        error = None
        if (team.rank > 0) == turn:
            try:
                made = make()
            except MyCaffeError as found:
                error = found
        for told in team.tell(error):
            if told is not None:
                raise told
    return made


def check_same(team: Team, own: Mapping[str, str]) -> None:
    """Check that all processes have read the same. Errors: something differs from process 0.

    `own` are checksums by what they are of.
    """
    first, *others = team.tell(dict(own))
    for rank, theirs in enumerate(others, 1):
        for what in (*first, *(name for name in theirs if name not in first)):
            if theirs.get(what) != first.get(what):
                raise UserError(
                    f"process {rank} has {'another' if what in theirs else 'no'} {what}"
                    if what in first
                    else f"process {rank} has {what}, and process 0 has not",
                    wanted="all processes work with the same texts, data and weights",
                    do="Bring the same files to all machines.",
                )
