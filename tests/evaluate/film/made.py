"""A film made of simple numbers."""

from __future__ import annotations

import numpy as np

from mycaffe_py.snapshot.film import Film, FilmHead, Frame

NAMES = {0: "normal", 1: "slow </script> server", 2: "x"}


def made_film(width: int, frames: int = 4, *, decodes: bool = True, stand_in: str = "") -> Film:
    """Points of three classes that drift apart; frames at iterations 0, 10, 20 ..."""
    numbers = np.random.default_rng(1)
    labels = np.repeat([0, 1, 2], 7)
    rows = numbers.normal(size=(21, width))
    away = 5 * numbers.normal(size=(3, width))
    head = FilmHead(
        net="Net", seed=4, every=10, width=width, source="d.testing", checksum="c", items=90,
        stand_in_for=stand_in, decodes=decodes, records=tuple(range(50, 71)),
        labels=tuple(labels.tolist()), label_names=NAMES,
    )  # fmt: skip
    made = []
    for n in range(frames):
        known = np.arange(min(n, 3) if decodes else 0)
        made.append(
            Frame(
                10 * n,
                (rows + n * away[labels]).astype(np.float32),
                (n * away[known]).astype(np.float32),
                known,
                np.full(10 if n else 0, 1 / (n + 1), np.float32),
            )
        )
    return Film(head, tuple(made))
