"""Items of another data set, in the scaling and with the label numbers that a net knows.

Two data sets may call one class by different numbers, or scale one counter by different statistics:
taken as they are, their items would be measured as something they are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.gathered_source import loaded
from mycaffe_py.data.label_match import listed, renumbered, rows_of
from mycaffe_py.data.layer_source import LayerSource
from mycaffe_py.errors import UserError
from mycaffe_py.trained.snapshot import Snapshot


def as_learned(snapshot: Snapshot, source: ArraySource, names: Mapping[int, str]) -> ArraySource:
    """`source` in the scaling of the net's own data, with its label numbers.

    `names` are those of the trained labels; a class of another name gets a number of its own behind
    them. Without names the numbers stay, and so do those of Caffe's own stores, which have none.
    Errors: windows of other counters.
    """
    source = _rescaled(source, snapshot.testing.counters)
    if isinstance(source, LayerSource):
        return replace(source, label_names=dict(names) or source.label_names)
    return renumbered(source, names) if names else source


def foreign_items(
    snapshot: Snapshot, source: ArraySource, classes: NDArray[np.int64], names: Mapping[int, str]
) -> ArraySource:
    """The items of `source` of classes that the net has not learned, numbered behind `names`.

    `classes` (L,) are the learned ones, whose items are left out; `names` are theirs and those of
    other foreign ones. Errors: no such item, windows of other counters.
    """
    found = as_learned(snapshot, source, names)
    rows = np.flatnonzero(~np.isin(found.labels, classes))
    if not len(rows):
        raise UserError(
            f"{source.name} has items of classes that {snapshot.files.weights} knows, and no other",
            wanted="--unknown names items of classes that the net has not learned",
        )
    return found if len(rows) == len(found) else rows_of(found, rows)


def _rescaled(source: ArraySource, learned: str) -> ArraySource:
    if source.counters == learned:
        return source
    if not source.counters or not learned:
        raise UserError(
            f"{source.name} has {'windows of counters' if source.counters else 'pictures'}",
            wanted=f"the net takes {'windows of counters' if learned else 'pictures'}",
        )
    old, new = Counters.from_json(source.counters), Counters.from_json(learned)
    check_same_counters(old, new, source.name)
    source = loaded(source)
    windows = old.unscaled(np.asarray(source.images, np.float32))
    return replace(source, images=new.scaled(windows), counters=learned, image_mean=None)


def check_same_counters(found: Counters, learned: Counters, name: str) -> None:
    """Errors: other counters, another time step, windows of another length."""
    if (found.names, found.step_s, found.steps) != (learned.names, learned.step_s, learned.steps):
        raise UserError(
            f"{name} has {_told(found)}", wanted=f"the net takes {_told(learned)}, in this order"
        )


def _told(counters: Counters) -> str:
    names = ", ".join(counters.names)
    return f"windows of {counters.steps} steps of {counters.step_s:g} s with {names}"


def none_known(
    snapshot: Snapshot, source: ArraySource, theirs: list[str], names: Mapping[int, str]
) -> UserError:
    """The error where no item of `source`, with classes `theirs`, is of a class in `names`."""
    numbers = all(name.isdecimal() for name in theirs)
    more = (
        "'mycaffe enroll' adds a class by examples; 'mycaffe retrieval' measures classes that the "
        "net has not learned"
    )
    if numbers and not any(name.isdecimal() for name in names.values()):
        more = (
            "classes that have numbers alone get names by 'mycaffe dataset create images', from "
            "folders of those names"
        )
    ours = f" ({listed(list(names.values()))})" if names else ""
    return UserError(
        f"{source.name} has no item of a class that {snapshot.files.weights} knows: its classes "
        f"are {listed(theirs)}",
        wanted=f"answers are the classes that the net has learned{ours}, matched by name",
        do=f"Name another with --source DATASET.SPLIT; {more}.",
    )
