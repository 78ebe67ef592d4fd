"""A trained snapshot, opened by its path alone: texts, data and seed from its run card."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.layer_source import source_of_layer, store_of
from mycaffe_py.data.opening import MEASURING, Opening
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import Shape
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.names import WEIGHTS, SnapshotFiles, newest
from mycaffe_py.snapshot.run_card import DatasetCard, RunCard
from mycaffe_py.snapshot.weights import Weights, read_weights
from mycaffe_py.solver.texts import job_of_card
from mycaffe_py.solver.trust import opening_of


@dataclass(frozen=True)
class Snapshot:
    """What is needed to use a snapshot. `text` is its TEST net, or TRAIN where there is none.

    `opening`: whether code that its texts name may run; whoever made it may have written them.
    """

    files: SnapshotFiles
    card: RunCard
    text: NetText
    weights: Weights
    opening: Opening = MEASURING

    @property
    def shapes(self) -> dict[str, Shape]:
        """Shapes of the blobs of the measured net, by name."""
        return {name: tuple(shape) for name, shape in self.card.shapes.items()}

    @cached_property
    def train(self) -> NetText:
        """Its TRAIN net."""
        return job_of_card(self.card).train

    @property
    def decodes(self) -> bool:
        """Whether the net has a layer that answers with distances (Decode)."""
        kinds = [layer_types.get(layer.type) for layer in self.train.net.layer]
        return any(kind.answers == "distances" for kind in kinds)

    @property
    def store(self) -> pb.LayerParameter | None:
        """The layer of the measured net that reads one of Caffe's own stores, if any."""
        if self.text.state.phase == pb.TEST and any(d.phase == "TEST" for d in self.card.datasets):
            return None
        return store_layer(self.text)

    @property
    def data(self) -> DatasetCard | None:
        """The data it was measured on while training, else the data it learned from."""
        if self.store is not None:
            return DatasetCard(self.store.name, "TEST", store_of(self.store), "", 0, 0)
        by_phase = {dataset.phase: dataset for dataset in reversed(self.card.datasets)}
        return by_phase.get("TEST", by_phase.get("TRAIN"))

    @property
    def testing(self) -> DatasetCard:
        """The same. Errors: the net reads neither a data set nor a store."""
        if self.data is None:
            raise UserError(
                f"the net of '{self.files.weights}' reads no data set",
                do="Name one with --source DATASET.SPLIT.",
            )
        return self.data

    def transform(self) -> pb.LayerParameter:
        """The layer whose transform_param pictures go through: TEST's, else TRAIN's.

        Where no layer has one, the Data layer.
        """
        every = self.text.net.layer
        layers = [layer for layer in every if layer.HasField("transform_param")]
        layers = layers or [layer for layer in every if layer.type in ("Data", "ImageData")]
        if not layers:
            return pb.LayerParameter()
        for layer in layers:
            if any(rule.phase == pb.TEST for rule in layer.include):
                return layer
        return layers[-1]


def open_snapshot(path: Path | None, below: Path = Path(), run_code: bool = False) -> Snapshot:
    """The snapshot one of whose files is `path`; without one the newest `below` a folder.

    With `run_code`, or where its folder is trusted, code that its texts name may run.

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
    weights = read_weights(files.weights, may_be_empty=True)
    card.check_part("weights", files.weights)
    opening = opening_of(files.card, MEASURING, run_code)
    return Snapshot(files, card, text, weights, opening)


def store_layer(text: NetText) -> pb.LayerParameter | None:
    """The first layer of a net that reads one of Caffe's own stores."""
    return next((layer.param for layer in text.selected() if store_of(layer.param)), None)


def open_testing(snapshot: Snapshot, name: str = "") -> ArraySource:
    """The source `name`, or the one the snapshot was measured on, stand-in or not."""
    if name:
        return open_source(name, make=snapshot.opening.makes_data)
    known = snapshot.testing
    if snapshot.store is not None:
        return source_of_layer(snapshot.store)
    source = open_source(known.source, make=snapshot.opening.makes_data)
    return replace(source, stand_in_for=known.stand_in_for or None)
