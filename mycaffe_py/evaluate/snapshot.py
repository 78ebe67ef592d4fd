"""Floor 7. A trained snapshot, opened by its path alone: texts, data and seed from its run card."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.layers.base import Shape
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.names import WEIGHTS, SnapshotFiles, newest
from mycaffe_py.snapshot.run_card import DatasetCard, RunCard
from mycaffe_py.snapshot.weights import Weights, read_weights
from mycaffe_py.solver.texts import NetText, job_of_card


@dataclass(frozen=True)
class Snapshot:
    """What is needed to use a snapshot. `text` is its TEST net, or TRAIN where there is none."""

    files: SnapshotFiles
    card: RunCard
    text: NetText
    weights: Weights

    @property
    def shapes(self) -> dict[str, Shape]:
        """Shapes of the blobs of the measured net, by name."""
        return {name: tuple(shape) for name, shape in self.card.shapes.items()}

    @property
    def testing(self) -> DatasetCard:
        """The data it was measured on while training, else the data it learned from."""
        by_phase = {dataset.phase: dataset for dataset in reversed(self.card.datasets)}
        found = by_phase.get("TEST", by_phase.get("TRAIN"))
        if found is None:
            raise UserError(
                f"the net of '{self.files.weights}' reads no data set",
                do="Name one with --source DATASET.SPLIT.",
            )
        return found

    def transform(self) -> pb.LayerParameter:
        """The layer whose transform_param pictures go through: TEST's, else TRAIN's.

        Where no layer has one, the Data layer.
        """
        every = self.text.net.layer
        layers = [layer for layer in every if layer.HasField("transform_param")]
        layers = layers or [layer for layer in every if layer.HasField("data_param")]
        if not layers:
            return pb.LayerParameter()
        for layer in layers:
            if any(rule.phase == pb.TEST for rule in layer.include):
                return layer
        return layers[-1]


def open_snapshot(path: Path | None, below: Path = Path()) -> Snapshot:
    """The snapshot one of whose files is `path`; without one the newest `below` a folder.

    Errors: no such file, no run card beside it, weights that cannot be read.
    """
    if path is None or path.is_dir():
        path = newest(path or below, WEIGHTS)
    elif not path.exists():
        raise UserError(
            f"there is no snapshot '{path}'",
            do="Without --snapshot the newest one below this folder is used.",
        )
    files = SnapshotFiles.beside(path)
    card = RunCard.read(files.card)
    job = job_of_card(card)
    text = job.tests[0] if job.tests else job.train
    return Snapshot(files, card, text, read_weights(files.weights))


def open_testing(snapshot: Snapshot, name: str = "") -> ArraySource:
    """The source `name`, or the one the snapshot was measured on, stand-in or not."""
    if name:
        return open_source(name)
    known = snapshot.testing
    source = open_source(known.source)
    return replace(source, stand_in_for=known.stand_in_for or None)
