"""The enrollments that hold for a snapshot, embedded anew where other weights made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mycaffe_py.data.plural import plural
from mycaffe_py.errors import UserError
from mycaffe_py.snapshot.names import ENROLLED, INPUTS, SnapshotFiles
from mycaffe_py.trained.class_map import ClassMap
from mycaffe_py.trained.enrollment import Enrollments, Example, Input, input_key
from mycaffe_py.trained.enrollment_files import (
    beside,
    earlier,
    fingerprint,
    read_enrollments,
    read_inputs,
)
from mycaffe_py.trained.inputs import scaled_anew, stacked
from mycaffe_py.trained.snapshot import Snapshot


@dataclass(frozen=True)
class Carried:
    """Enrollments embedded by the snapshot at hand, and their stored inputs by key.

    `note` says for people where they are from, "" for the snapshot's own.
    """

    enrollments: Enrollments
    inputs: Mapping[str, Input] = field(default_factory=dict)
    note: str = ""


def open_enrollments(snapshot: Snapshot, classes: ClassMap) -> Carried:
    """Those stored beside `snapshot`, else those of the last snapshot before it in the same run.

    Made with other weights they are embedded anew, in memory. Errors: files that are damaged or
    miss an input, inputs that are not like the net's.
    """
    none = _none(snapshot, classes)
    own = beside(snapshot.files, ENROLLED)
    if own.is_file():
        found = read_enrollments(own)
        if (found.net, found.counters) == (none.net, none.counters):
            return Carried(found, read_inputs(beside(snapshot.files, INPUTS)))
        return _anew(snapshot.files, none, classes, f"{none.weights} has changed")
    before = earlier(snapshot.files)
    if before is None:
        return Carried(none)
    return _anew(before, none, classes, f"taken over from {before.weights.name}")


def check_enrolled(other: Path) -> None:
    """Errors: nothing is enrolled for the snapshot `other`."""
    path = beside(SnapshotFiles.beside(other), ENROLLED)
    if not path.is_file():
        raise UserError(
            f"nothing is enrolled for '{other}': there is no '{path}'",
            do="'mycaffe enroll --list --snapshot FILE' shows the enrollments of a snapshot.",
        )


def enrollments_of(other: Path, snapshot: Snapshot, classes: ClassMap) -> Carried:
    """Those of the snapshot `other`, which has some, embedded by `snapshot`. Errors: as above."""
    files = SnapshotFiles.beside(other)
    why = f"taken over from {files.weights.name}"
    return _anew(files, _none(snapshot, classes), classes, why)


def _none(snapshot: Snapshot, classes: ClassMap) -> Enrollments:
    """Enrollments of `snapshot` without any class."""
    return Enrollments(
        fingerprint(snapshot), snapshot.files.weights.name, counters=classes.like.counters
    )


def _anew(files: SnapshotFiles, none: Enrollments, classes: ClassMap, why: str) -> Carried:
    """The enrollments of `files`, embedded by the net of `none`.

    Stored inputs are brought to the scaling of the net's own data.
    """
    path = beside(files, ENROLLED)
    found, inputs = read_enrollments(path), read_inputs(beside(files, INPUTS))
    if not found.examples:
        return Carried(none)
    missing = [example.file for example in found.examples if example.key not in inputs]
    if missing:
        raise UserError(
            f"'{beside(files, INPUTS)}' lacks {len(missing):,} enrolled "
            f"{plural(len(missing), 'input')}, such as {missing[0]}",
            wanted=f"{none.weights} has other weights, so it must embed them anew",
            do=f"Remove '{path}' and enroll them again.",
        )
    arrays = [
        scaled_anew(inputs[example.key], found.counters, classes.like) for example in found.examples
    ]
    for array in arrays:
        if array.shape != classes.like.shape:
            raise UserError(
                f"the inputs enrolled in '{path}' have shape {array.shape}",
                wanted=f"{none.weights} takes {classes.like.shape}",
                do="Remove that file, or move it away, and enroll again for this net.",
            )
    rows = classes.embed(stacked(arrays))
    keys = [input_key(array) for array in arrays]
    made = [
        Example(old.file, key, row)
        for old, key, row in zip(found.examples, keys, rows, strict=True)
    ]
    note = f"{why}: {len(made):,} stored {plural(len(made), 'input')} embedded anew"
    return Carried(found.in_map_of(none, made), dict(zip(keys, arrays, strict=True)), note)


def merged(first: Carried, second: Carried) -> Carried:
    """The classes of both. Errors: one input under two labels."""
    enrollments = first.enrollments
    for label, examples in second.enrollments.classes.items():
        enrollments, _ = enrollments.with_examples(label, examples)
    return replace(first, enrollments=enrollments, inputs={**first.inputs, **second.inputs})
