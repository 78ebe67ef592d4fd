"""A RUN net at work: images in, one score for each label out, or their encodings."""

from __future__ import annotations

import math

import numpy as np

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.data.array_source import Images
from mycaffe_py.data.transform.transform import Transform
from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.layers.base import Array

# Answers of layers (see `Layer`), the most telling first: those of Decode, then of Softmax.
_LOOKED_FOR = ("distances", "scores")


class AnsweringNet:
    """Runs `net`, a RUN net for up to `batch` images at a time, on images through `transform`.

    More images than `batch` go through it in parts. `input` is the blob they enter by;
    `by_distance` says that the net answers with squared distances to centroids.
    """

    def __init__(self, net: Net, transform: Transform, batch: int, source: str) -> None:
        """Find where images go in and answers come out; `source` names the images in errors.

        Errors: no output with a score for each label, images of another size than the net's.
        """
        self.batch = batch
        self.net = net
        self._shape = transform.in_shape
        self.input = _only_input(net.graph)
        self._answer = answer_node(net.graph)
        self.by_distance = self._answer.layer.answers == "distances"
        self._transform = transform
        wanted = net.blob(self.input).shape[1:]
        if transform.out_shape != wanted:
            raise UserError(
                f"'{source}' gives pictures of {transform.out_shape}",
                wanted=f"the net takes {wanted}, as it was trained",
            )

    def distances(self, images: Images) -> FeatureRows:
        """(n, L) for `images` (n, C, H, W): the smallest one is the answer.

        Decode's squared distances; for other nets minus their score.
        """
        scores = self.rows(images, self._answer.tops[0])
        return scores if self.by_distance else -scores

    def features(self, images: Images) -> FeatureRows:
        """(n, D): what the answering layer looks at."""
        return self.rows(images, self._answer.bottoms[0])

    def encodings(self, images: Images) -> FeatureRows:
        """(n, D): what the net makes of images, before Decode or Softmax where it ends in one."""
        return self.rows(images, encoding_blob(self._answer))

    def centroids(self) -> tuple[Array, Array]:
        """Decode's centroids (L, D) and how many items each was learned from (L,)."""
        values = [self.net.values[key] for key in self._answer.params]
        return values[0].reshape(len(values[0]), -1), values[2].reshape(-1)

    def rows(self, images: Images, name: str) -> FeatureRows:
        """Rows (n, ...) of the blob `name`, a copy. Errors: images of another shape."""
        if images.shape[1:] != self._shape:
            raise UserError(
                f"pictures of {images.shape[1:]} are given",
                wanted=f"the net takes pictures of {self._shape} (channels, height, width)",
            )
        blob = self.net.blob(self.input)
        answer = self.net.graph.blobs[name].shape
        rows = np.empty((len(images), math.prod(answer[1:])), blob.dtype)
        for start in range(0, len(images), self.batch):
            part = images[start : start + self.batch]
            self._transform.apply(part, np.arange(len(part)), 0, blob[: len(part), np.newaxis])
            blob[len(part) :] = 0
            self.net.forward()
            answers = self.net.blob(name)[: len(part)]
            rows[start : start + len(part)] = answers.reshape(len(part), -1)
        return rows


def _only_input(graph: Graph) -> str:
    """The one input that some layer reads; labels left over in a RUN net do not count."""
    read = [name for name in graph.inputs if any(graph.consumers(name))]
    if len(read) != 1:
        names = ", ".join(read) or "none"
        raise UserError(
            f"the RUN net has {len(read)} inputs ({names})", wanted="it recognises one picture"
        )
    return read[0]


def answer_node(graph: Graph) -> Node:
    """The layer whose output has a score for each label: Decode, else Softmax, else the last."""
    made = [node for node in graph.nodes if any(top in graph.outputs for top in node.tops)]
    flat = [node for node in made if len(node.plan.tops[0].shape) >= 2]
    for kind in _LOOKED_FOR:
        for node in flat:
            if node.layer.answers == kind:
                return node
    if not flat:
        raise UserError(
            f"the RUN net has no output with a score for each label (it has: "
            f"{', '.join(graph.outputs) or 'none'})",
            do="End it with Decode, SoftmaxWithLoss or InnerProduct.",
        )
    return flat[-1]


def encoding_blob(answer: Node) -> str:
    """The blob of encodings, where `answer` is the layer that answers: see `answer_node`."""
    return answer.bottoms[0] if tells_classes(answer) else answer.tops[0]


def tells_classes(answer: Node) -> bool:
    """Whether this layer gives distances or scores by label: it is no mere end of the encoding."""
    return answer.layer.answers in _LOOKED_FOR
