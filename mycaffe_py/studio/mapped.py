"""What the map page shows: items of a data set where a net put them.

All items that 'test-many --record' kept; or the sample that a run's film followed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.engine.answering_net import answer_node
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.evaluate.answers import Answers, all_answers
from mycaffe_py.snapshot.film import Film, read_film
from mycaffe_py.snapshot.names import ANSWERS, ENROLLED, MEANS, THRESHOLD, SnapshotFiles
from mycaffe_py.studio.runs import Run
from mycaffe_py.trained import kept_threshold
from mycaffe_py.trained.class_means import moving_layers
from mycaffe_py.trained.class_means_file import kept_means
from mycaffe_py.trained.enrollment_files import fingerprint, read_enrollments
from mycaffe_py.trained.learned_labels import label_names
from mycaffe_py.trained.loaded_net import run_graph
from mycaffe_py.trained.snapshot import Snapshot, open_snapshot

Numbers = NDArray[np.int64]
# State of a file: its path, when it was changed, its size.
Stamp = tuple[str, int, int]


@dataclass(frozen=True, eq=False)
class Means:
    """Centroids (L, D) of the `labels` (L,); `told` says what they are."""

    labels: Numbers
    places: FeatureRows
    told: str


@dataclass(frozen=True)
class Known:
    """Of a snapshot: names of its classes, its threshold (inf: none), what the latter is."""

    names: Mapping[int, str]
    threshold: float
    told: str


def snapshot_files(run: Run, iteration: int | None) -> SnapshotFiles | None:
    """The snapshot of that iteration, without one the newest; None where the run has none.

    Errors: there is none of that iteration.
    """
    found = run.snapshots()
    if iteration is None:
        return found[0] if found else None
    for files in found:
        if files.iteration == iteration:
            return files
    raise UserError(f"the run '{run.name}' has no snapshot {iteration}", do="Reload the page.")


def kept_answers(files: SnapshotFiles) -> list[Answers]:
    """The answers kept beside a snapshot, those measured last first."""
    return list(reversed(_answers(*stamp(files.with_ending(ANSWERS)))))


def film_of(run: Run) -> Film | None:
    """The film of a run as far as it goes, None where there is none that can be read."""
    with suppress(MyCaffeError, OSError):
        return _film(*stamp(run.film))
    return None


def known(files: SnapshotFiles) -> Known:
    """What the snapshot knows of its classes; a snapshot that cannot be opened knows nothing."""
    stamps = [stamp(files.with_ending(one)) for one in (THRESHOLD, MEANS)]
    return _known(files, stamp(files.weights), *stamps)


def class_means(files: SnapshotFiles, answers: Answers) -> Means:
    """The class means the snapshot answers by; where none are kept, the means of these items."""
    found = _kept_means(files, stamp(files.weights), stamp(files.with_ending(MEANS)))
    if found is not None and found.places.shape[1] == answers.features.shape[1]:
        shown = np.isin(found.labels, answers.classes)
        return Means(found.labels[shown], found.places[shown], found.told)
    return means_of_items(answers.labels, answers.features)


def means_of_items(labels: Numbers, rows: FeatureRows) -> Means:
    """The mean of the rows (n, D) of each label."""
    every = np.unique(labels)
    means = [rows[labels == label].mean(axis=0) for label in every]
    places = np.asarray(means, np.float32).reshape(len(every), rows.shape[1])
    return Means(every, places, "means of the items shown")


def enrolled(files: SnapshotFiles, width: int) -> list[tuple[str, FeatureRows]]:
    """Classes added by examples: name and the places (n, D) of the examples."""
    path = files.with_ending(ENROLLED)
    with suppress(MyCaffeError, OSError):
        if path.is_file():
            classes = read_enrollments(path).classes
            rows = {name: np.asarray([e.embedding for e in own]) for name, own in classes.items()}
            return [(name, row) for name, row in rows.items() if row.shape[1:] == (width,)]
    return []


def opened(files: SnapshotFiles) -> Snapshot:
    """The snapshot. Errors: it cannot be read."""
    return _opened(files.weights, stamp(files.weights), stamp(files.card))


def stamp(path: Path) -> Stamp:
    """The state of a file, of one that is not there too."""
    with suppress(OSError):
        status = path.stat()
        return str(path), status.st_mtime_ns, status.st_size
    return str(path), 0, -1


@lru_cache(maxsize=4)
def _answers(path: str, changed: int, size: int) -> tuple[Answers, ...]:
    name = path.removesuffix(ANSWERS)
    return tuple(all_answers(SnapshotFiles.beside(Path(f"{name}.run.json"))))


@lru_cache(maxsize=2)
def _film(path: str, changed: int, size: int) -> Film:
    return read_film(Path(path))


@lru_cache(maxsize=4)
def _opened(path: Path, weights: Stamp, card: Stamp) -> Snapshot:
    return open_snapshot(path)


@lru_cache(maxsize=16)
def _known(files: SnapshotFiles, weights: Stamp, threshold: Stamp, means: Stamp) -> Known:
    try:
        snapshot = opened(files)
        names = label_names(snapshot)
        # Without the class means it would have to make them, which takes the data set.
        if threshold[2] < 0 or means[2] < 0:
            return Known(names, math.inf, "no threshold, so nothing is unknown")
        found = kept_threshold.read(snapshot)
        return Known(names, found.value, found.origin)
    except (MyCaffeError, OSError) as error:
        return Known({}, math.inf, str(error))


@lru_cache(maxsize=8)
def _kept_means(files: SnapshotFiles, weights: Stamp, means: Stamp) -> Means | None:
    if means[2] < 0:
        return None
    with suppress(MyCaffeError, OSError):
        snapshot = opened(files)
        graph = run_graph(snapshot, 1)
        nodes = moving_layers(snapshot, graph) or [answer_node(graph)]
        path = files.with_ending(MEANS)
        found = kept_means(path, fingerprint(snapshot), [node.name for node in nodes])
        if found is not None:
            return Means(found.labels, found.means, found.line())
    return None
