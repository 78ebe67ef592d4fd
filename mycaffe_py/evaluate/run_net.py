"""Floor 7. The RUN net of a snapshot at work: pictures in, one score for each label out."""

from __future__ import annotations

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.engine.recogniser import Recogniser
from mycaffe_py.errors import MyCaffeError
from mycaffe_py.evaluate.final_weights import final_weights
from mycaffe_py.evaluate.loaded_net import loaded_net, run_graph, transform_for
from mycaffe_py.evaluate.snapshot import Snapshot
from mycaffe_py.graph.normalization import unseen_statistics


class RunNet(Recogniser):
    """The net that recognises, for up to `batch` pictures like those of `source` at a time.

    Its centroids are those of the weights' own features (see `final_weights`).
    """

    def __init__(self, snapshot: Snapshot, source: ArraySource, batch: int) -> None:
        """Compile it and load the weights.

        Errors: no output with a score for each label, pictures of another size than the net's.
        """
        graph = run_graph(snapshot, batch)
        net = loaded_net(snapshot, graph, final_weights(snapshot, graph))
        super().__init__(net, transform_for(snapshot, source), batch, source.name)


def not_finite(snapshot: Snapshot) -> MyCaffeError:
    """The error where a snapshot's net gives values that are not finite."""
    why = unseen_statistics(snapshot.text.net.layer, snapshot.weights.layers)
    return MyCaffeError(
        f"{snapshot.files.weights} gives features that are not finite",
        wanted="" if why else "its weights have been damaged by a diverging training",
        do=why or "Take an earlier snapshot.",
    )
