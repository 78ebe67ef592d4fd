"""Which images a head learns from, which it is tuned on, and which it is judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mycaffe_py.array_types import RowNumbers
from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.feature_tables.feature_table import FeatureTable
from mycaffe_py.data.label_choice import chosen_labels, told
from mycaffe_py.data.label_match import class_names
from mycaffe_py.errors import UserError
from mycaffe_py.random_streams import stream

# Shares of the images of a class. Tuning (when to stop, where the threshold lies) has its own, so
# that nothing of a run is chosen by what it is judged by.
_TUNE, _JUDGE = 0.15, 0.2
# Without a list, this share of the classes, the last ones, is left unseen.
_UNSEEN = 0.4
_CLASSES_WANTED = 2


@dataclass(frozen=True)
class Parts:
    """Row numbers to `learn` from, `tune` on and `judge` by; no image is in two of them.

    Of several variants of an image the first, the image as it is, tunes and judges. `unseen` are
    the classes that only judge.
    """

    learn: RowNumbers
    tune: RowNumbers
    judge: RowNumbers
    unseen: tuple[int, ...]


def split(source: ArraySource, by: str, unseen: Sequence[int] = ()) -> Parts:
    """The parts, the same for all heads and seeds. `by` "item" sets aside images of every class,
    by "class" all of the classes `unseen` (none given: the last ones).

    Errors: unseen classes that are not there, fewer than two classes on a side.
    """
    variants = source.card.variants if isinstance(source, FeatureTable) else 1
    labels = source.labels[::variants]
    classes = [int(label) for label in np.unique(labels)]
    hidden = _hidden(source, classes, unseen) if by == "class" else ()
    learn, tune, judge = [], [], []
    for label in classes:
        images = np.flatnonzero(labels == label)
        if label in hidden:
            judge.append(images)
            continue
        images = stream(0, "designs/parts", label).permutation(images)
        first = 0 if hidden else int(len(images) * _JUDGE)
        second = first + int(len(images) * _TUNE)
        judge.append(images[:first])
        tune.append(images[first:second])
        learn.append(images[second:])
    rows = [np.sort(np.concatenate(part)) for part in (learn, tune, judge)]
    all_variants = (rows[0][:, np.newaxis] * variants + np.arange(variants)).reshape(-1)
    parts = Parts(all_variants, rows[1] * variants, rows[2] * variants, hidden)
    _check(source, parts)
    return parts


def unseen_labels(text: str, source: ArraySource) -> tuple[int, ...]:
    """The labels of `source` in the list `text`, such as "cat,dog" or "8,9"; none for ""."""
    if not text:
        return ()
    return tuple(chosen_labels("--unseen", text, class_names(source), source.name))


def _hidden(source: ArraySource, classes: list[int], unseen: Sequence[int]) -> tuple[int, ...]:
    strange = sorted(set(unseen) - set(classes))
    if strange:
        raise UserError(
            f"'{source.name}' has no class {', '.join(map(str, strange))} to leave unseen",
            wanted=f"its classes are {told(class_names(source))}",
        )
    hidden = sorted(set(unseen)) or classes[len(classes) - max(2, int(len(classes) * _UNSEEN)) :]
    for side, count in (("seen", len(classes) - len(hidden)), ("unseen", len(hidden))):
        if count < _CLASSES_WANTED:
            raise UserError(
                f"{count} classes are {side}",
                wanted="pairs of one and of two classes need two on both sides",
                do=f"'{source.name}' has {len(classes)} classes; set --unseen, or --split-by item.",
            )
    return tuple(hidden)


def _check(source: ArraySource, parts: Parts) -> None:
    """Every part needs two classes with two images each."""
    for name, rows in (("learn", parts.learn), ("tune", parts.tune), ("judge", parts.judge)):
        counts = np.bincount(source.labels[rows], minlength=1)
        if (counts > 0).sum() < _CLASSES_WANTED or (counts[counts > 0] < _CLASSES_WANTED).any():
            raise UserError(
                f"'{source.name}' has too few images: the part to {name} by has {len(rows)}",
                wanted="every class needs two images in each part, so about 14 in all",
            )
