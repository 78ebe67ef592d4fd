"""Adding, taking over and removing classes of a trained net, without training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.pictures.picture_record import Asked
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.enrollment.changed import Changed
from mycaffe_py.files.read_each import Unread, read_each
from mycaffe_py.trained.carried_enrollments import (
    Carried,
    check_enrolled,
    enrollments_of,
    merged,
    open_enrollments,
)
from mycaffe_py.trained.class_map import ClassMap
from mycaffe_py.trained.enrollment import Enrollments, Example, checked_label, input_key
from mycaffe_py.trained.enrollment_files import held, write
from mycaffe_py.trained.identify import trained_names
from mycaffe_py.trained.inputs import InputFile, input_like, read_input, stacked
from mycaffe_py.trained.snapshot import Snapshot

_BATCH = 64


class Enroller:
    """The enrollments of one snapshot, open for changes."""

    def __init__(
        self, snapshot: Snapshot, asked: Asked | None = None, like: ArraySource | None = None
    ) -> None:
        """They are of an earlier snapshot of the run where this one has none of its own.

        Pictures are read as those the net learned, or as `asked`; `like` is a source of inputs
        where that is known already.
        """
        self.snapshot = snapshot
        self._like = input_like(snapshot, asked) if like is None else like

    @cached_property
    def _classes(self) -> ClassMap:
        """Opened when all that is given has been read, as it may take long."""
        return ClassMap(self.snapshot, self._like, _BATCH)

    @cached_property
    def _trained(self) -> list[str]:
        return trained_names(self.snapshot, self._classes)

    def listed(self) -> Changed:
        """What is enrolled; nothing is written."""
        opened = open_enrollments(self.snapshot, self._classes)
        return Changed(self.snapshot, opened.enrollments, note=opened.note)

    def add(self, label: str, paths: Sequence[Path], force: bool) -> Changed:
        """Add a class, or examples to an enrolled one, of all files that can be read.

        Errors: a trained class of this name (`force` allows it), a file that is not there, none
        that can be read.
        """
        label = checked_label(label)
        for path in paths:
            if not path.exists():
                raise UserError(f"'{path}' is not there")
        given, unread = self._read(paths)
        self._check_trained([label], force)
        return self._added(label, given, unread)

    def add_inputs(self, label: str, given: Sequence[InputFile], force: bool) -> Changed:
        """The same with inputs that have been read. Errors: a trained class of this name."""
        label = checked_label(label)
        self._check_trained([label], force)
        return self._added(label, given, [])

    def _added(self, label: str, given: Sequence[InputFile], unread: Sequence[Unread]) -> Changed:
        arrays = [one.array for one in given]
        rows = self._classes.embed(stacked(arrays))
        keys = [input_key(array) for array in arrays]
        files = [str(one.path) for one in given]
        examples = [
            Example(file, key, row) for file, key, row in zip(files, keys, rows, strict=True)
        ]
        with self._alone() as old:
            new, already = old.enrollments.with_examples(label, examples)
            inputs = {**old.inputs, **dict(zip(keys, arrays, strict=True))}
            file = write(self.snapshot.files, new, inputs)
        done = [f"{one.path}: {', '.join(one.done)}" for one in given if one.done]
        near = self._nearest(new, label)
        return Changed(self.snapshot, new, file, old.note, label, already, near, unread, done)

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
        """Add the enrollments of another snapshot, embedded by this one's weights.

        Errors: it has none, one of a trained class (`force` allows it).
        """
        check_enrolled(other)
        theirs = enrollments_of(other, self.snapshot, self._classes)
        self._check_trained(theirs.enrollments.labels, force)
        with self._alone() as ours:
            both = merged(ours, theirs)
            file = write(self.snapshot.files, both.enrollments, both.inputs)
        return Changed(self.snapshot, both.enrollments, file, theirs.note)

    def remove(self, labels: Sequence[str]) -> Changed:
        """Forget classes. Errors: one that nobody enrolled; then nothing is changed."""
        with self._alone() as old:
            left = old.enrollments
            for label in labels:
                left = left.without(label)
            file = write(self.snapshot.files, left, old.inputs)
        return Changed(self.snapshot, left, file, old.note)

    @contextmanager
    def _alone(self) -> Iterator[Carried]:
        """What is enrolled at this moment, while nobody else can change it."""
        # Opened before the lock, so that nobody waits for what takes long.
        classes = self._classes
        with held(self.snapshot.files):
            yield open_enrollments(self.snapshot, classes)

    def _check_trained(self, labels: Sequence[str], force: bool) -> None:
        both = [label for label in labels if label in self._trained]
        if both and not force:
            raise UserError(
                f"'{both[0]}' is a class the net was trained on",
                wanted="an enrolled class has a name of its own",
                do="Choose another label; --force (in Python force=True) adds the examples beside "
                "the trained class, and the nearer of the two counts.",
            )

    def _nearest(self, enrollments: Enrollments, label: str) -> tuple[str, float] | None:
        """The class closest to the mean embedding of `label`."""
        centroids = dict(zip(enrollments.labels, enrollments.centroids(), strict=True))
        own = centroids.pop(label)
        trained = zip(self._trained, self._classes.centroids, strict=True)
        near = [
            (name, float(((row - own) ** 2).sum(dtype=np.float64)))
            for name, row in [*trained, *centroids.items()]
        ]
        return min(near, key=_distance, default=None)


def _distance(pair: tuple[str, float]) -> float:
    return pair[1]
