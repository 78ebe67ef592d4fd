"""Floor 7. The RUN net of a snapshot at work: pictures in, one score for each label out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.data.transform import Transform
from mycaffe_py.data.transform_text import transform_settings
from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import load_weights
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.snapshot import Snapshot
from mycaffe_py.graph.compile import ALL_PASSES, compile_run_net
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.layers.base import Array
from mycaffe_py.proto import mycaffe_pb2 as pb


class RunNet:
    """The net that recognises, for up to `batch` pictures like those of `source` at a time."""

    def __init__(self, snapshot: Snapshot, source: ArraySource, batch: int) -> None:
        """Compile it and load the weights.

        Errors: no output with a score for each label, pictures of another size than the net's.
        """
        text = snapshot.text
        state = replace(text.state, phase=pb.RUN)
        graph = compile_run_net(
            text.net,
            text.where,
            state,
            snapshot.shapes,
            batch,
            stored=snapshot.weights.shapes(),
            passes=ALL_PASSES,
        )
        self.batch = batch
        self.net = Net(graph)
        _load(self.net, snapshot)
        self.input = _only_input(graph)
        self._answer = _answer_node(graph)
        self.kind = self._answer.layer.type
        layer = snapshot.transform()
        settings = transform_settings(layer.transform_param, source, text.where)
        self._transform = Transform(replace(settings, mirror=False), source.shape)
        wanted = self.net.blob(self.input).shape[1:]
        if self._transform.out_shape != wanted:
            raise UserError(
                f"'{source.name}' gives pictures of {self._transform.out_shape}",
                wanted=f"the net takes {wanted}, as it was trained",
            )

    def distances(self, images: Images) -> NDArray[np.float32]:
        """(n, L) for `images` (n, C, H, W), n at most `batch`: the smallest one is the answer.

        Decode's squared distances; for other nets minus their score.
        """
        self._run(images)
        scores = self.net.blob(self._answer.tops[0])[: len(images)].reshape(len(images), -1)
        return scores.copy() if self.kind == "Decode" else -scores

    def features(self, images: Images) -> NDArray[np.float32]:
        """(n, D): what the answering layer looks at."""
        self._run(images)
        rows = self.net.blob(self._answer.bottoms[0])[: len(images)]
        return rows.reshape(len(images), -1).copy()

    def centroids(self) -> tuple[Array, Array]:
        """Decode's centroids (L, D) and how many items each was learned from (L,)."""
        values = [self.net.values[key] for key in self._answer.params]
        return values[0].reshape(len(values[0]), -1), values[2].reshape(-1)

    def _run(self, images: Images) -> None:
        blob = self.net.blob(self.input)
        rows = blob[: len(images)]
        self._transform.apply(images, np.arange(len(images)), 0, rows[:, np.newaxis])
        blob[len(images) :] = 0
        self.net.forward()


def _load(net: Net, snapshot: Snapshot) -> None:
    missing = load_weights([net], snapshot.weights).missing
    if missing:
        raise UserError(
            f"{snapshot.files.weights} has no weights for layer {', '.join(missing)}",
            wanted="every layer of the net that recognises needs learned weights",
        )


def _only_input(graph: Graph) -> str:
    """The input somebody reads; a label input that is left over in a RUN net does not count."""
    read = [name for name in graph.inputs if any(graph.consumers(name))]
    if len(read) != 1:
        names = ", ".join(read) or "none"
        raise UserError(
            f"the RUN net has {len(read)} inputs ({names})", wanted="it recognises one picture"
        )
    return read[0]


def _answer_node(graph: Graph) -> Node:
    """The layer whose output has a score for each label: Decode, else Softmax, else the last."""
    made = [node for node in graph.nodes if any(top in graph.outputs for top in node.tops)]
    flat = [node for node in made if len(node.plan.tops[0].shape) >= 2]
    for kind in ("Decode", "Softmax"):
        for node in flat:
            if node.layer.type == kind:
                return node
    if not flat:
        raise UserError(
            f"the RUN net has no output with a score for each label (it has: "
            f"{', '.join(graph.outputs) or 'none'})",
            do="End it with Decode, SoftmaxWithLoss or InnerProduct.",
        )
    return flat[-1]
