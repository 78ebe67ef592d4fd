"""The frozen base whose features go into a table: a model text or snapshot, cut off at a
blob."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.feature_tables.feature_checks import file_sum, message_sum
from mycaffe_py.data.opening import MEASURING, Opening
from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import fix_weights, load_weights
from mycaffe_py.errors import UserError, nearest
from mycaffe_py.graph.compile import ALL_PASSES, compile_net, compile_run_net
from mycaffe_py.graph.model import Graph, Located
from mycaffe_py.graph.net_text import NetText, read_model
from mycaffe_py.graph.run_net import run_layers
from mycaffe_py.graph.told.normalization import unseen_statistics
from mycaffe_py.layers.base import Array, Shape
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.names import WEIGHTS, newest
from mycaffe_py.snapshot.weights import Weights, read_weights
from mycaffe_py.solver.trust import opening_of
from mycaffe_py.trained.class_means_file import say
from mycaffe_py.trained.final_weights import final_weights
from mycaffe_py.trained.loaded_net import run_graph
from mycaffe_py.trained.snapshot import Snapshot, open_snapshot

_FED = ("Input", "Parameter", "Constant", "DummyData")


@dataclass(frozen=True)
class FrozenBase:
    """Text and weights. `model` is the text's file, "" where it is in a run card; `shapes` those
    of the blobs of its TEST net, as far as data layers make them; `transform` its own; `opening`
    whether code that the text names may run."""

    text: NetText
    weights: Weights
    weights_file: Path
    model: str
    shapes: Mapping[str, Shape]
    transform: pb.TransformationParameter
    snapshot: Snapshot | None = None
    opening: Opening = MEASURING

    @property
    def checksums(self) -> tuple[str, str]:
        """sha256 of the model's message and of the weights file."""
        return message_sum(self.text.net), file_sum(self.weights_file)


def open_base(model: str, weights: Path, run_code: bool = False) -> FrozenBase:
    """The base of a model text (file or template) and a weights file."""
    text = read_model(model, pb.NetState(phase="RUN"))
    read = read_weights(weights, may_be_empty=True)
    file = str(Path(text.card.file).resolve())
    opening = opening_of(Path(file), MEASURING, run_code)
    shapes = _shapes(text, read, replace(opening, heads=True))
    transform = _transform(text.net)
    return FrozenBase(text, read, weights.resolve(), file, shapes, transform, opening=opening)


def base_of_snapshot(path: Path | None, run_code: bool = False) -> FrozenBase:
    """The RUN net of a snapshot (None: the newest below this folder)."""
    snapshot = open_snapshot(path, run_code=run_code)
    text = snapshot.text.in_phase(pb.RUN)
    transform = snapshot.transform().transform_param
    file = snapshot.files.weights.resolve()
    return FrozenBase(
        text, snapshot.weights, file, "", snapshot.shapes, transform, snapshot, snapshot.opening
    )


def newest_base(run_code: bool = False) -> FrozenBase | None:
    """That of the newest snapshot below this folder; None where there is no snapshot."""
    try:
        path = newest(Path(), WEIGHTS)
    except UserError:
        return None
    return base_of_snapshot(path, run_code)


def _transform(net: pb.NetParameter) -> pb.TransformationParameter:
    """transform_param of the Data layer of phase TEST, else of the last that has one."""
    found = [layer for layer in net.layer if layer.HasField("transform_param")]
    testing = [x for x in found if any(rule.phase == pb.TEST for rule in x.include)]
    chosen = (testing or found[-1:] or [pb.LayerParameter()])[0]
    return chosen.transform_param


def _shapes(text: NetText, weights: Weights, opening: Opening) -> dict[str, Shape]:
    """Shapes of the blobs of the TEST (else TRAIN) net, where data layers have to tell them."""
    if all(layer.bottom or layer.type in _FED for layer in text.net.layer):
        return {}
    for phase in (pb.TEST, pb.TRAIN):
        graph = compile_net(
            text.in_phase(phase), stored=weights.shapes(), backward=False, opening=opening
        )
        if any(not node.bottoms for node in graph.nodes):
            return {name: spec.shape for name, spec in graph.blobs.items()}
    return {}


class FeatureNet:
    """The base from its input to `blob`, for `batch` images at a time."""

    def __init__(self, base: FrozenBase, blob: str, batch: int) -> None:
        """Compile what the blob needs and load its weights.

        `advice` is what to do where a feature is not finite.

        Errors: no such blob, several inputs, a blob without a row for each image, no weights.
        """
        text = base.text
        cut = replace(text, net=_cut(text, blob, base.shapes, batch))
        graph = compile_run_net(
            cut, base.shapes, batch,
            stored=base.weights.shapes(), passes=ALL_PASSES, opening=base.opening,
        )  # fmt: skip
        self.batch = batch
        self.net = Net(graph)
        why = unseen_statistics(text.net.layer, base.weights.layers)
        self.advice = why or "Check the weights."
        weights = _answering(base, graph)
        missing = load_weights([self.net], weights).missing if graph.params else ()
        if missing:
            raise UserError(
                f"{base.weights_file} has no weights for layer {', '.join(missing)}",
                wanted=f"blob '{blob}' needs them; features of unlearned weights say nothing",
            )
        fix_weights(self.net)
        read = [n for n in graph.inputs if n == blob or any(graph.consumers(n))]
        if len(read) != 1:
            raise UserError(
                f"blob '{blob}' depends on {len(read)} inputs ({', '.join(read) or 'none'})",
                where=text.where.at(),
                wanted="a feature is made of one image",
            )
        self.input: str = read[0]
        self.blob = blob
        shape = graph.blobs[blob].shape
        if not shape or shape[0] != batch:
            raise UserError(
                f"blob '{blob}' is {shape} for {batch} images",
                where=text.where.at(),
                wanted="its first axis counts images",
            )

    @property
    def image_shape(self) -> Shape:
        """(C, H, W) of an image."""
        return self.net.blob(self.input).shape[1:]

    @property
    def size(self) -> int:
        """Values of a row."""
        return int(np.prod(self.net.graph.blobs[self.blob].shape[1:], dtype=np.int64))

    def input_rows(self, rows: int) -> Array:
        """(rows, 1, C, H, W): where `rows` images are to be written; the others are set to 0."""
        blob = self.net.blob(self.input)
        blob[rows:] = 0
        return blob[:rows, np.newaxis]

    def features(self, rows: int) -> NDArray[np.float32]:
        """(rows, D): the features of the images written to `input_rows(rows)`."""
        self.net.forward()
        return self.net.blob(self.blob)[:rows].reshape(rows, -1)


def _answering(base: FrozenBase, graph: Graph) -> Weights:
    """Behind a Decode layer those with the centroids that the snapshot answers by, where known."""
    if not any(node.layer.answers == "distances" for node in graph.nodes):
        return base.weights
    if base.snapshot is not None:
        return final_weights(base.snapshot, run_graph(base.snapshot, 1))
    say(
        f"{base.weights_file}: its centroids are taken as they stand; --snapshot, in place of "
        "--model and --weights, takes the class means of the final features"
    )
    return base.weights


def _cut(text: NetText, blob: str, shapes: Mapping[str, Shape], batch: int) -> pb.NetParameter:
    """The net's text with inputs of `batch` images, and nothing in RUN that `blob` does not need.

    Layers keep their numbers, so that errors name their lines.
    """
    net = pb.NetParameter()
    net.CopyFrom(text.net)
    run = run_layers(replace(text, net=net).layers(), shapes, batch, text.state)
    made = list(dict.fromkeys(top for layer in run for top in layer.param.top))
    if blob not in made:
        raise UserError(
            f"the model has no blob '{blob}'", where=text.where.at(), do=nearest(blob, made)
        )
    needed = _needed(run, blob)
    for layer in net.layer:
        if layer.type == "Input":
            for shape in layer.input_param.shape:
                shape.dim[0] = batch
        if layer.bottom and layer.name not in needed:
            del layer.include[:]
            del layer.exclude[:]
            layer.exclude.add(phase=pb.RUN)
    return net


def _needed(layers: Sequence[Located], blob: str) -> set[str]:
    """Names of the layers that lead to `blob`."""
    wanted, needed = {blob}, set()
    for layer in reversed(layers):
        if wanted.intersection(layer.param.top):
            needed.add(layer.param.name)
            wanted.update(layer.param.bottom)
    return needed
