"""A Data layer that is kept in step with another one: two sources in one pair of a net."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.batch_feed import BatchFeed
from mycaffe_py.data.label_match import class_names, listed, name_key, renumbered, rows_of
from mycaffe_py.data.plural import plural
from mycaffe_py.data.selection.choice import Chooses, draws_by_chance
from mycaffe_py.data.selection.following import SameLabels, SameRecords
from mycaffe_py.data.source_head import SourceHead
from mycaffe_py.data.transform.list_transform import purpose_of
from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.told_once import first_time

# What the leading layer decides for both.
_DECIDED = ("label_balancing", "balance_matches", "labels_per_batch", "images_per_label")


def follow(
    layer: pb.LayerParameter,
    source: ArraySource,
    leader: BatchFeed,
    train: bool,
    seed: int,
    where: Locations,
    notify: Callable[[str], None],
) -> tuple[ArraySource, Chooses]:
    """`source` with the label numbers of the leader's, and what chooses its images.

    Labels are matched by name. Classes that never come are left out, and told `notify` once a
    command.

    Errors: a leader that reads no data set, a class of the leader without an image here; with
    synchronize_records another number of items, or other labels.
    """
    title = f"layer '{layer.name}' (Data)"
    at = where.under("data_param")
    leading, choice = leader.source, leader.choice
    if leading is None or choice is None:
        raise reads_no_data_set(layer, layer.data_param.synchronize_with, at)
    _check_sizes(layer, choice, title, at)
    shown = _shown_classes(leading, choice)
    source = renumbered(source, class_names(leading))
    if layer.data_param.synchronize_records:
        _check_records(source, leading, title, at)
        return source, SameRecords(choice)
    source = _of_classes(source, leading.name, shown, title, at, notify)
    by_chance = draws_by_chance(layer.data_param, train)
    purpose = purpose_of(layer, train)
    return source, SameLabels(choice, leading.labels, source.labels, seed, purpose, by_chance)


def reads_no_data_set(layer: pb.LayerParameter, name: str, at: Locations) -> UserError:
    """The error for one of two layers in step, called `name`, whose source cannot be drawn from.

    The name may be "" where it is that of the leader.
    """
    which = f"layer '{name}'" if name else "the layer that it follows"
    return UserError(
        f"layer '{layer.name}' (Data) is kept in step with another one, and {which} reads "
        "no data set of the image database",
        where=at.at("source"),
        wanted="both of two layers in step read data sets, as 'mycaffe dataset create' makes them",
        do="'mycaffe dataset import lmdb FOLDER --name NAME' makes one of an LMDB folder.",
    )


def check_decided(layer: pb.LayerParameter, leader: pb.LayerParameter, where: Locations) -> None:
    """Errors: a field of a following layer that says otherwise than its leader, which decides."""
    own, theirs = layer.data_param, leader.data_param
    for field in _DECIDED:
        value, wanted = getattr(own, field), getattr(theirs, field)
        if own.HasField(field) and value != wanted:
            raise UserError(
                f"layer '{layer.name}' (Data): {field} is {_written(value)}",
                where=where.at("data_param", field),
                wanted=f"layer '{leader.name}', which it follows, decides on the labels of a "
                f"batch and has {_written(wanted)}",
                do=f"Delete {field} here, or write it in layer '{leader.name}'.",
            )


def _written(value: object) -> str:
    return str(value).lower()


def _check_sizes(layer: pb.LayerParameter, choice: Chooses, title: str, at: Locations) -> None:
    """Errors: another batch_size or images_per_blob than the leader's."""
    own = layer.data_param
    for field, value, wanted in (
        ("batch_size", own.batch_size, choice.batch_size),
        ("images_per_blob", own.images_per_blob, choice.images_per_blob),
    ):
        if value != wanted:
            raise UserError(
                f"{title}: {field} is {value}",
                where=at.at(field),
                wanted=f"the layer that it follows has {wanted}, and each image goes with one of "
                "the other",
                do=f"Write {field}: {wanted}.",
            )


def _shown_classes(leading: ArraySource, choice: Chooses) -> Mapping[int, str]:
    """The classes of `leading` that come; a layer that follows itself shows those of its leader."""
    names = class_names(leading)
    while isinstance(choice, SameRecords | SameLabels):
        if isinstance(choice, SameLabels):
            shown = set(choice.leading.tolist())
            names = {label: name for label, name in names.items() if label in shown}
        choice = choice.leader
    return names


def _of_classes(
    source: ArraySource,
    leader: str,
    shown: Mapping[int, str],
    title: str,
    at: Locations,
    notify: Callable[[str], None],
) -> ArraySource:
    """`source` without the classes that never come. Errors: a class `shown` without an image."""
    ours = {name_key(name): name for name in class_names(source).values()}
    theirs = {name_key(name): name for name in shown.values()}
    lacking = [name for key, name in theirs.items() if key not in ours]
    if lacking:
        raise UserError(
            f"{title}: {source.name} has no {source.word} of {len(lacking):,} "
            f"{plural(len(lacking), 'class')} of {leader} ({listed(lacking)})",
            where=at.at("source"),
            wanted=f"one of every class that the leading layer shows; {source.name} has "
            f"{listed(list(ours.values()))}; classes are matched by name",
            do="'mycaffe dataset create subset' makes a data set without some classes.",
        )
    unused = [name for key, name in ours.items() if key not in theirs]
    if not unused:
        return source
    if first_time(("never drawn", source.name, leader)):
        notify(
            f"{title}: {len(unused):,} {plural(len(unused), 'class')} of {source.name} "
            f"({listed(unused)}) {'is' if len(unused) == 1 else 'are'} never drawn: "
            f"{leader}, which leads, has no such class."
        )
    drawn = np.flatnonzero(np.isin(source.labels, list(shown)))
    if isinstance(source, SourceHead):
        return replace(source, labels=source.labels[drawn])
    return rows_of(source, drawn)


def _check_records(source: ArraySource, leading: ArraySource, title: str, at: Locations) -> None:
    """Errors: another number of items than the leader's, or an item of another class."""
    if len(source) != len(leading):
        raise UserError(
            f"{title}: {source.name} has {len(source):,} items",
            where=at.at("synchronize_records"),
            wanted=f"{leading.name} has {len(leading):,}, and item i of one goes with item i of "
            "the other",
            do="Without synchronize_records, items of the same label go together.",
        )
    if isinstance(source, SourceHead) or isinstance(leading, SourceHead):
        return
    others = np.flatnonzero(source.labels != leading.labels)
    if len(others):
        first = int(others[0])
        here = source.label_names[int(source.labels[first])]
        there = leading.label_names.get(int(leading.labels[first]), str(leading.labels[first]))
        raise UserError(
            f"{title}: item {first} of {source.name} is of class '{here}', that of "
            f"{leading.name} of class '{there}' ({len(others):,} items differ)",
            where=at.at("synchronize_records"),
            wanted="item i of one source shows the same as item i of the other",
            do="Without synchronize_records, items of the same label go together.",
        )
