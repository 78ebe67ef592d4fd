"""A head without its loss: how alike two images are by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import RowNumbers
from mycaffe_py.engine.net import Net
from mycaffe_py.engine.params import Params
from mycaffe_py.engine.weights import load_weights
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.designs.head import ENCODING, LABEL, PAIR, SCORE, TRIPLE, Head
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.select import State
from mycaffe_py.layers.base import Array
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.weights import Weights

# Pairs scored at a time: their features (two of 2048 values in float32) stay in the cache of a core
# or near it, and the calls between the kernels no longer count.
_ROWS = 500


class ScoreNet:
    """The head on the parameters `share`, for `features` (n, D), of which rows are named."""

    def __init__(self, head: Head, features: Array, share: Params | None = None) -> None:
        """Compile what leads to the head's ending.

        Errors: an encoding that needs more than the image's own feature, several scores a pair.
        """
        self.head = head
        self.features = features
        net = head.sized(_ROWS, features.shape[1])
        needed = _keep_needed(net, head.ending)
        where = head.text.where
        text = replace(head.text, net=net, state=State(pb.TEST))
        graph = compile_net(text, passes=ALL_PASSES, backward=False)
        self.net = Net(graph, share=share)
        fed = sorted(needed.intersection([*PAIR, *TRIPLE, LABEL]))
        shape = graph.blobs[head.ending].shape
        if head.ending == ENCODING and (fed != ["a"] or shape[:1] != (_ROWS,)):
            raise UserError(
                f"blob '{ENCODING}' of {shape} is made of {' and '.join(fed) or 'nothing'}",
                where=where.at(),
                wanted="it encodes one image, so it is made of 'a' alone, a row for each",
            )
        if head.ending == SCORE and (graph.blobs[SCORE].count != _ROWS or fed != ["a", "b"]):
            raise UserError(
                f"blob '{SCORE}' is {shape} for {_ROWS} pairs, made of {', '.join(fed)}",
                where=where.at(),
                wanted="one value a pair, made of 'a' and 'b'",
            )

    def load(self, weights: Weights) -> None:
        """Take the weights of a file. Errors: a layer is missing there."""
        if not self.net.params.infos:
            return
        missing = load_weights([self.net], weights).missing
        if missing:
            raise UserError(f"{weights.file} has no weights for layer {', '.join(missing)}")

    def __call__(self, first: RowNumbers, second: RowNumbers) -> NDArray[np.float64]:
        """How alike the images at rows `first` (n,) and `second` (n,) are, larger for more."""
        if self.head.ending == SCORE:
            return self._run([first, second]).reshape(-1)
        rows, places = np.unique(np.concatenate([first, second]), return_inverse=True)
        codes = self._run([rows]).reshape(len(rows), -1)
        return -_distances(codes, places[: len(first)], places[len(first) :])

    def _run(self, rows: Sequence[RowNumbers]) -> NDArray[np.float64]:
        """The ending for these rows as 'a', or as 'a' and 'b'."""
        count = len(rows[0])
        made: list[Any] = []
        for start in range(0, count, _ROWS):
            end = min(count, start + _ROWS)
            for name, chosen in zip(PAIR, rows, strict=False):
                blob = self.net.blob(name)
                blob[: end - start] = self.features[chosen[start:end]]
            self.net.forward()
            made.append(self.net.blob(self.head.ending)[: end - start].astype(np.float64))
        return np.concatenate(made)


def _distances(
    codes: NDArray[np.float64], first: RowNumbers, second: RowNumbers
) -> NDArray[np.float64]:
    """|codes[first] - codes[second]|, some rows at a time."""
    found = np.empty(len(first))
    for start in range(0, len(first), _ROWS * 20):
        part = slice(start, start + _ROWS * 20)
        gap = codes[first[part]] - codes[second[part]]
        found[part] = np.sqrt(np.einsum("nd,nd->n", gap, gap))
    return found


def _keep_needed(net: pb.NetParameter, blob: str) -> set[str]:
    """Leave out of TEST what `blob` does not need, and return the blobs it does need.

    Layers keep their numbers, so that errors name their lines.
    """
    wanted = {blob}
    for layer in reversed(net.layer):
        if layer.type == "Input":
            continue
        if wanted.intersection(layer.top):
            wanted.update(layer.bottom)
        else:
            del layer.include[:]
            del layer.exclude[:]
            layer.exclude.add(phase=pb.TEST)
    return wanted
