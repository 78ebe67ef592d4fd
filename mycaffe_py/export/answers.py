"""What a snapshot answers with: all that an exported net needs to name things as `identify`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.transform.transform import Transform
from mycaffe_py.engine.answering_net import answer_node, encoding_blob, tells_classes
from mycaffe_py.errors import UserError
from mycaffe_py.export.onnx.batch_lengths import read_inputs
from mycaffe_py.figures import distance_text
from mycaffe_py.graph.model import Graph
from mycaffe_py.trained.identify import KnownClasses
from mycaffe_py.trained.inputs import input_like
from mycaffe_py.trained.kept_threshold import KeptThreshold
from mycaffe_py.trained.learned_labels import label_names
from mycaffe_py.trained.loaded_net import run_graph, transform_for
from mycaffe_py.trained.snapshot import Snapshot
from mycaffe_py.trained.strangeness import DISTANCE


@dataclass(frozen=True, eq=False)
class Answers:
    """The classes of a snapshot, T trained and E enrolled ones, and when an input is of none.

    `numbers` (T,) are the label numbers of `trained`, so Decode's columns; `centroids` (T, D) and
    `means` (E, D) say where the classes lie, and `limits` (E,) how far the enrolled ones reach.
    """

    trained: tuple[str, ...]
    numbers: NDArray[np.int64]
    centroids: FeatureRows
    enrolled: tuple[str, ...]
    means: FeatureRows
    limits: tuple[float, ...]
    threshold: KeptThreshold

    @property
    def labels(self) -> tuple[str, ...]:
        """All classes, each once: the trained ones, then those that are only enrolled."""
        return (*self.trained, *(name for name in self.enrolled if name not in self.trained))


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of a snapshot's inputs and answers; `notes` say why some of it is not.

    `like` is a source of inputs as the net takes them before `transform`. `label_names` are those
    of its label numbers, which may be known without the rest. `weights` is the file they are of.
    """

    like: ArraySource | None = None
    transform: Transform | None = None
    answers: Answers | None = None
    label_names: Mapping[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    weights: Path | None = None


def known_of(snapshot: Snapshot, threshold: KeptThreshold) -> Known:
    """What `identify` knows of `snapshot`. Errors: enrollments that cannot be used."""
    names = label_names(snapshot)
    try:
        like = input_like(snapshot)
        transform = transform_for(snapshot, like)
    except UserError as error:
        note = f"inputs go in as the net takes them, without preprocessing: {error}"
        return Known(label_names=names, notes=(note,))
    try:
        if not tells_classes(answer_node(run_graph(snapshot, 1))):
            note = "it names no class, as the net has no Decode or Softmax: the encoding is in it"
            return Known(like, transform, label_names=names, notes=(note,))
        answers = _answers(KnownClasses(snapshot, like, threshold))
    except UserError as error:
        note = f"it names no class: {error}"
        return Known(like, transform, label_names=names, notes=(note,))
    notes: tuple[str, ...] = ()
    if threshold.score != DISTANCE:
        score = f"the score {threshold.score} of 'mycaffe threshold' is not in it"
        notes = (f"{score}: beyond the distance {distance_text(threshold.value)} it is unknown",)
    return Known(like, transform, answers, names, notes, snapshot.files.weights)


def _answers(classes: KnownClasses) -> Answers:
    enrollments = classes.carried.enrollments
    size = classes.map.centroids.shape[1]
    means = enrollments.centroids() if enrollments.classes else np.empty((0, size), np.float32)
    return Answers(
        trained=tuple(classes.trained),
        numbers=classes.map.labels.astype(np.int64),
        centroids=classes.map.centroids.astype(np.float32),
        enrolled=tuple(enrollments.labels),
        means=means,
        limits=tuple(float(classes.limits[name]) for name in enrollments.labels),
        threshold=classes.threshold,
    )


@dataclass(frozen=True)
class AnswerBlobs:
    """Names of blobs: encodings, what distances are measured from, and distances by label number.

    `distances` is "" where the net measures none itself.
    """

    encoding: str
    features: str
    distances: str


def blobs_of(graph: Graph) -> AnswerBlobs | None:
    """Those of a net of one input that answers for each; None for another."""
    try:
        node = answer_node(graph)
    except UserError:
        return None
    if len(read_inputs(graph)) != 1:
        return None
    measured = node.tops[0] if node.layer.answers == "distances" else ""
    return AnswerBlobs(encoding_blob(node), node.bottoms[0], measured)


def encoding_of(graph: Graph) -> str:
    """The blob of encodings; "" of a net that gives no answer for each input."""
    found = blobs_of(graph)
    return "" if found is None else found.encoding
