"""Floor 7. The RUN net of a snapshot at work: pictures in, one score for each label out."""

from __future__ import annotations

from dataclasses import replace

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.layer_source import LayerSource
from mycaffe_py.data.transform import Transform
from mycaffe_py.data.transform_text import transform_settings
from mycaffe_py.engine.net import Net
from mycaffe_py.engine.recogniser import Recogniser
from mycaffe_py.engine.weights import load_weights
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.snapshot import Snapshot
from mycaffe_py.graph.compile import ALL_PASSES, compile_run_net
from mycaffe_py.proto import mycaffe_pb2 as pb


class RunNet(Recogniser):
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
        net = Net(graph)
        _load(net, snapshot)
        super().__init__(net, _transform(snapshot, source), batch, source.name)


def _transform(snapshot: Snapshot, source: ArraySource) -> Transform:
    """What the data layer does to an image when it is measured; colours may be settled already."""
    param = pb.TransformationParameter()
    param.CopyFrom(snapshot.transform().transform_param)
    if isinstance(source, LayerSource):
        for field in ("force_color", "force_gray", "color_order"):
            param.ClearField(field)
        if source.turns:
            param.color_order = pb.TransformationParameter.BGR
    settings = transform_settings(param, source, snapshot.text.where)
    return Transform(replace(settings, mirror=False), source.shape)


def _load(net: Net, snapshot: Snapshot) -> None:
    missing = load_weights([net], snapshot.weights).missing
    if missing:
        raise UserError(
            f"{snapshot.files.weights} has no weights for layer {', '.join(missing)}",
            wanted="every layer of the net that recognises needs learned weights",
        )
