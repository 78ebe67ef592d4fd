"""The RUN net of a snapshot at work: pictures in, one score for each label out."""

from __future__ import annotations

import numpy as np

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.engine.answering_net import AnsweringNet, answer_node
from mycaffe_py.errors import MyCaffeError
from mycaffe_py.graph.told.normalization import unseen_statistics
from mycaffe_py.trained.final_weights import final_weights
from mycaffe_py.trained.loaded_net import loaded_net, run_graph, transform_for
from mycaffe_py.trained.snapshot import Snapshot


class RunNet(AnsweringNet):
    """The RUN net for up to `batch` pictures like those of `source` at a time.

    Its centroids are those of the weights' own features (see `final_weights`).
    """

    def __init__(self, snapshot: Snapshot, source: ArraySource, batch: int) -> None:
        """Compile it and load the weights.

        Errors: no output with a score for each label, pictures of another size than the net's.
        """
        graph = run_graph(snapshot, batch)
        net = loaded_net(snapshot, graph, final_weights(snapshot, graph))
        super().__init__(net, transform_for(snapshot, source), batch, source.name)

    def distances_of(self, features: FeatureRows) -> FeatureRows:
        """(n, L): what `distances` gives for inputs whose `features` (n, D) are known already."""
        answer = answer_node(self.net.graph)
        step = next(step for step in self.net.steps if step.node.name == answer.name)
        bottom = step.io.bottoms[0].reshape(self.batch, -1)
        top = step.io.tops[0].reshape(self.batch, -1)
        scores = np.empty((len(features), top.shape[1]), top.dtype)
        for start in range(0, len(features), self.batch):
            part = features[start : start + self.batch]
            bottom[: len(part)] = part
            bottom[len(part) :] = 0
            step.forward()
            scores[start : start + len(part)] = top[: len(part)]
        return scores if self.by_distance else -scores


def not_finite(snapshot: Snapshot) -> MyCaffeError:
    """The error where a snapshot's net gives values that are not finite."""
    why = unseen_statistics(snapshot.text.net.layer, snapshot.weights.layers)
    return MyCaffeError(
        f"{snapshot.files.weights} gives features that are not finite",
        wanted="" if why else "its weights have been damaged by a diverging training",
        do=why or "Take an earlier snapshot.",
    )
