"""What the label numbers of a snapshot's net mean."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.dataset_lookup import holder_of
from mycaffe_py.data.dataset_paths import split_source_name
from mycaffe_py.data.label_match import class_names
from mycaffe_py.data.source import open_source
from mycaffe_py.snapshot.run_card import DatasetCard, RunCard
from mycaffe_py.trained.snapshot import Snapshot


def label_names(snapshot: Snapshot) -> dict[int, str]:
    """Names of the classes it learned, by label; {} where they are not known.

    The run card tells them, whatever has become of the data set since. For a card of an earlier
    version they are those of the data set, if it is at hand.
    """
    learned = learned_from(snapshot)
    if learned is None:
        return {}
    if learned.label_names:
        return dict(learned.label_names)
    dataset, _ = split_source_name(learned.source)
    if holder_of(dataset) is None:
        return {}
    source = open_source(learned.source, make=False)
    if source.checksum != learned.checksum:
        print(
            f"{snapshot.files.card.name} has no names of labels, and {source.name} has changed "
            "since: its names of today are taken for them.",
            file=sys.stderr,
        )
    return class_names(source)


def answerable(names: Mapping[int, str], count: int) -> NDArray[np.int64]:
    """The labels that a net of `count` answers may give: numbers without a class are no answers.

    All of them where it is not known which are classes.
    """
    known = [label for label in sorted(names) if label < count]
    return np.array(known or range(count), np.int64)


def learned_from(snapshot: Snapshot) -> DatasetCard | None:
    """The data set it learned from, else the one it was measured on; None where it had neither."""
    return learned_of(snapshot.card)


def learned_of(run: RunCard) -> DatasetCard | None:
    """The same by the run card alone."""
    cards = sorted(run.datasets, key=lambda card: card.phase != "TRAIN")
    return cards[0] if cards else None
