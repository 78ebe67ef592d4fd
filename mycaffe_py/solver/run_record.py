"""What a run has to show so far: written by hooks, and kept on the run card of each snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mycaffe_py.snapshot.best import Best
from mycaffe_py.snapshot.run_card import RunCard


@dataclass
class RunRecord:
    """The part of a run card that neither the texts nor the net can tell.

    `run` is the name of the run, "" where it follows from texts, seed and data. `tests` holds the
    last test of each TEST net by its number, as the run card writes it. `film_every` is the
    interval of the film, 0 without one, and `film_losses` are the losses that no frame holds yet.
    `best` is the best test, where one is looked for. `last_snapshot` is the .solverstate that was
    written or restored last. Whoever sets `snapshot_asked` gets a snapshot after the iteration that
    is under way.
    """

    run: str = ""
    tests: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    film_every: int = 0
    film_losses: list[float] = field(default_factory=list)
    best: Best | None = None
    last_snapshot: Path | None = None
    snapshot_asked: bool = False

    def take_over(self, card: RunCard) -> None:
        """Go on from the figures of a run card."""
        self.tests = {int(test["net"]): test for test in card.figures.get("tests", [])}
        self.film_losses = list(card.film_losses)
        self.best = card.best
