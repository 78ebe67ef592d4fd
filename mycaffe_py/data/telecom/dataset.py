"""The data sets `telecom` and `telecom10`, and others of the same simulation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.counters.scaling import Counters, fitted
from mycaffe_py.data.dataset_paths import data_folder
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.selection.label_numbers import blocks
from mycaffe_py.data.source_head import SourceHead, make_head
from mycaffe_py.data.telecom.link import COUNTERS, run
from mycaffe_py.data.telecom.patterns import PATTERNS, Pattern, conditions
from mycaffe_py.data.telecom.radio_site import WINDOW_S, draw
from mycaffe_py.errors import UserError, Where, nearest
from mycaffe_py.files.roomy import joined, roomy_zeros

HOURS = 8.0
SEED = 1

_WINDOWS_PER_HOUR = 3600 // WINDOW_S
_MOST_HOURS = 1000.0
# Of every three hours of the day the first is for training, the next for validation, the last for
# testing: no two splits see the same hour, and each sees the whole day.
_HOUR_OF_SPLIT = {"training": 0, "testing": 2, "validation": 1}
_SHARE_OF_SPLIT = {"training": 1.0, "testing": 0.5, "validation": 0.5}
_SLOTS = 8
# Windows of a pattern that are simulated together.
_AT_ONCE = 1024


@dataclass(frozen=True)
class TelecomRecipe:
    """What to simulate: `hours` of traffic of each pattern for training, half as many otherwise.

    `like` brings the scaling of a data set that is there: a net that learned from it sees patterns
    it does not know in the same units.
    """

    patterns: tuple[Pattern, ...] = PATTERNS[:3]
    hours: float = HOURS
    seed: int = SEED
    like: Counters | None = None


def recipe_of(name: str) -> TelecomRecipe:
    """The recipe of `telecom` or `telecom10`, and the default for other names."""
    return TelecomRecipe(PATTERNS if name == "telecom10" else PATTERNS[:3])


def patterns_called(names: Sequence[str]) -> tuple[Pattern, ...]:
    """The patterns of these names, in this order. Errors: an unknown name, one named twice."""
    known = {pattern.name: pattern for pattern in PATTERNS}
    if not names:
        raise UserError("no pattern is named", wanted=f"one or more of {', '.join(known)}")
    for name in names:
        if name not in known:
            raise UserError(f"there is no pattern '{name}'", do=nearest(name, known))
        if names.count(name) > 1:
            raise UserError(f"pattern '{name}' is named twice")
    return tuple(known[name] for name in names)


def simulate(recipe: TelecomRecipe, split: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Windows (n, WINDOW_S, F) in the units of COUNTERS and their labels (n,), labels in turn.

    A window depends on seed, split, pattern and its number within the pattern alone, so one
    pattern's windows are the same whatever others are simulated, and however many.
    """
    windows = np.concatenate(list(_simulated(recipe, split)))
    return windows, _labels(recipe, len(windows))


def _simulated(recipe: TelecomRecipe, split: str) -> Iterator[NDArray[np.float64]]:
    """The windows of `simulate`, some (m, WINDOW_S, F) at a time."""
    number = _windows(recipe, split)
    for first in range(0, number, _AT_ONCE):
        count = min(_AT_ONCE, number - first)
        windows = np.empty((count, len(recipe.patterns), WINDOW_S, len(COUNTERS)))
        for label, pattern in enumerate(recipe.patterns):
            purpose = f"{split}/{pattern.name}"
            hour = _HOUR_OF_SPLIT[split]
            sites, chance, even = draw(recipe.seed, purpose, count, hour, _SLOTS, first)
            windows[:, label] = run(sites, conditions(pattern, even, chance), chance)
        yield windows.reshape(-1, WINDOW_S, len(COUNTERS))


def _labels(recipe: TelecomRecipe, count: int) -> NDArray[np.int64]:
    """The labels of `count` windows, in turn."""
    labels = roomy_zeros(count, np.int64)
    for label in range(len(recipe.patterns)):
        labels[label :: len(recipe.patterns)] = label
    return labels


def make_sources(name: str, recipe: TelecomRecipe) -> dict[str, ArraySource]:
    """The three splits: balanced over patterns, scaled by training.

    Errors: hours out of range, a `like` of other counters.
    """
    if not 1 / _WINDOWS_PER_HOUR <= recipe.hours <= _MOST_HOURS:
        raise UserError(
            f"{recipe.hours:g} hours",
            wanted=f"from one window ({1 / _WINDOWS_PER_HOUR:.2g} hours) to {_MOST_HOURS:g} hours",
        )
    if recipe.like is not None and recipe.like.names != tuple(COUNTERS):
        raise UserError(
            "the data set whose scaling is to be used has other counters: "
            f"{', '.join(recipe.like.names)}",
            wanted=", ".join(COUNTERS),
        )
    counters = recipe.like
    sources = {}
    for split in _HOUR_OF_SPLIT:
        parts = _simulated(recipe, split)
        if counters is None:
            learned = joined(parts, data_folder())
            counters = fitted(learned, tuple(COUNTERS), tuple(COUNTERS.values()), 1.0, "time")
            parts = (learned[at] for at in blocks(len(learned), _AT_ONCE))
        images = joined(map(counters.scaled, parts), data_folder())
        source = make_source(
            f"{name}.{split}",
            images,
            _labels(recipe, len(images)),
            {label: pattern.label for label, pattern in enumerate(recipe.patterns)},
            f"{WINDOW_S} s windows of a simulated telecom link, seed {recipe.seed}",
        )
        sources[split] = replace(source, counters=counters.to_json())
    return sources


def head(name: str, split: str, where: Where | None = None) -> SourceHead:
    """What is known of a split of `telecom` or `telecom10` before it is made.

    Errors: no such split.
    """
    if split not in _HOUR_OF_SPLIT:
        raise UserError(
            f"dataset '{name}' has no split '{split}'",
            where=where,
            do=nearest(split, _HOUR_OF_SPLIT),
        )
    recipe = recipe_of(name)
    names = {label: pattern.label for label, pattern in enumerate(recipe.patterns)}
    counts = dict.fromkeys(names, _windows(recipe, split))
    shape = (1, WINDOW_S, len(COUNTERS))
    return make_head(f"{name}.{split}", shape, counts, dtype=np.float32, label_names=names)


def _windows(recipe: TelecomRecipe, split: str) -> int:
    """How many windows of each pattern a split has."""
    return max(1, round(recipe.hours * _SHARE_OF_SPLIT[split] * _WINDOWS_PER_HOUR))


def create(path: Path, name: str, recipe: TelecomRecipe) -> None:
    """Simulate, and write the data set file `path`."""
    sources = make_sources(name, recipe)
    write_dataset(path, name, sources, sources["training"].description)
