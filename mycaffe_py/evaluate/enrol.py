"""Floor 7. Adding, taking over and removing classes of a trained net, without training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mycaffe_py.data.picture_record import Asked
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.class_map import ClassMap
from mycaffe_py.evaluate.enrolment import Enrolments, Example, checked_label, input_key
from mycaffe_py.evaluate.enrolment_carry import Carried, enrolments_of, merged, open_enrolments
from mycaffe_py.evaluate.enrolment_files import held, write
from mycaffe_py.evaluate.enrolment_inputs import InputFile, input_like, read_input, stacked
from mycaffe_py.evaluate.identify import trained_names
from mycaffe_py.evaluate.read_each import Unread, read_each
from mycaffe_py.evaluate.snapshot import Snapshot

_BATCH = 64


@dataclass(frozen=True)
class Changed:
    """What is enrolled now and in which file; `already` are files that were among the examples.

    `unread` could not be read. `nearest` is the class closest to the one that was added, with the
    squared distance. `done` tells what had to be done to a file to read it, a line each.
    """

    enrolments: Enrolments
    file: Path | None = None
    note: str = ""
    already: Sequence[str] = ()
    nearest: tuple[str, float] | None = None
    unread: Sequence[Unread] = ()
    done: Sequence[str] = ()


class Enroller:
    """The enrolments of one snapshot, open for changes."""

    def __init__(self, snapshot: Snapshot, asked: Asked | None = None) -> None:
        """Open them, from an earlier snapshot of the run where this one has none of its own.

        Pictures are read as those the net learned, or as `asked`.
        """
        self.snapshot = snapshot
        self._like = input_like(snapshot, asked)
        self._classes = ClassMap(snapshot, self._like, _BATCH)
        self._trained = trained_names(snapshot, self._classes)
        self._opened = open_enrolments(snapshot, self._classes)

    def listed(self) -> Changed:
        """What is enrolled; nothing is written."""
        return Changed(self._opened.enrolments, note=self._opened.note)

    def add(self, label: str, paths: Sequence[Path], force: bool) -> Changed:
        """Add a class, or examples to an enrolled one, of all files that can be read.

        Errors: a trained class of this name (`force` allows it), a file that is not there, none
        that can be read.
        """
        label = checked_label(label)
        self._check_trained([label], force)
        for path in paths:
            if not path.exists():
                raise UserError(f"'{path}' is not there")
        given, unread = self._read(paths)
        arrays = [one.array for one in given]
        rows = self._classes.embed(stacked(arrays))
        keys = [input_key(array) for array in arrays]
        files = [str(one.path) for one in given]
        examples = [
            Example(file, key, row) for file, key, row in zip(files, keys, rows, strict=True)
        ]
        with self._alone() as old:
            new, already = old.enrolments.with_examples(label, examples)
            inputs = {**old.inputs, **dict(zip(keys, arrays, strict=True))}
            file = write(self.snapshot.files, new, inputs)
        done = [f"{one.path}: {', '.join(one.done)}" for one in given if one.done]
        return Changed(new, file, old.note, already, self._nearest(new, label), unread, done)

    def _read(self, paths: Sequence[Path]) -> tuple[list[InputFile], list[Unread]]:
        """The files that can be read, and the others. Errors: none can."""
        found: list[InputFile] = []
        unread: list[Unread] = []
        for _, one in read_each(paths, lambda path: read_input(path, self._like)):
            if isinstance(one, Unread):
                unread.append(one)
            else:
                found.append(one)
        if not found:
            raise unread[0].error
        return found, unread

    def take_over(self, other: Path, force: bool) -> Changed:
        """Add the enrolments of another snapshot, embedded by this one's weights."""
        theirs = enrolments_of(other, self.snapshot, self._classes)
        self._check_trained(theirs.enrolments.labels, force)
        with self._alone() as ours:
            both = merged(ours, theirs)
            file = write(self.snapshot.files, both.enrolments, both.inputs)
        return Changed(both.enrolments, file, theirs.note)

    def remove(self, labels: Sequence[str]) -> Changed:
        """Forget classes. Errors: one that nobody enrolled; then nothing is changed."""
        with self._alone() as old:
            left = old.enrolments
            for label in labels:
                left = left.without(label)
            file = write(self.snapshot.files, left, old.inputs)
        return Changed(left, file, old.note)

    @contextmanager
    def _alone(self) -> Iterator[Carried]:
        """What is enrolled at this moment, while nobody else can change it."""
        with held(self.snapshot.files):
            yield open_enrolments(self.snapshot, self._classes)

    def _check_trained(self, labels: Sequence[str], force: bool) -> None:
        both = [label for label in labels if label in self._trained]
        if both and not force:
            raise UserError(
                f"'{both[0]}' is a class the net was trained on",
                wanted="an enrolled class has a name of its own",
                do="Choose another label; --force adds the examples beside the trained class, and "
                "the nearer of the two counts.",
            )

    def _nearest(self, enrolments: Enrolments, label: str) -> tuple[str, float] | None:
        """The class closest to the mean embedding of `label`."""
        centroids = dict(zip(enrolments.labels, enrolments.centroids(), strict=True))
        own = centroids.pop(label)
        trained = zip(self._trained, self._classes.centroids, strict=True)
        near = [
            (name, float(((row - own) ** 2).sum(dtype=np.float64)))
            for name, row in [*trained, *centroids.items()]
        ]
        return min(near, key=_distance, default=None)


def _distance(pair: tuple[str, float]) -> float:
    return pair[1]
