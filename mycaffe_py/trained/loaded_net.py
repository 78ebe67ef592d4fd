"""The RUN net of a snapshot: compiled, with its weights, and the transform of its pictures."""

from __future__ import annotations

from dataclasses import replace

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.layer_source import LayerSource
from mycaffe_py.data.transform.transform import Transform
from mycaffe_py.data.transform.transform_text import transform_settings
from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import fix_weights, load_weights
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import ALL_PASSES, compile_run_net
from mycaffe_py.graph.model import Graph
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.weights import Weights
from mycaffe_py.trained.snapshot import Snapshot


def run_graph(snapshot: Snapshot, batch: int) -> Graph:
    """The RUN net compiled for `batch` pictures at a time."""
    return compile_run_net(
        snapshot.text.in_phase(pb.RUN),
        snapshot.shapes,
        batch,
        stored=snapshot.weights.shapes(),
        passes=ALL_PASSES,
        opening=snapshot.opening,
    )


def loaded_net(snapshot: Snapshot, graph: Graph, weights: Weights) -> Net:
    """The net of `graph` with `weights`, which stay. Errors: a layer without its weights."""
    net = Net(graph)
    missing = load_weights([net], weights).missing
    if missing:
        raise UserError(
            f"{snapshot.files.weights} has no weights for layer {', '.join(missing)}",
            wanted="every layer of the net that recognises needs learned weights",
        )
    fix_weights(net)
    return net


def transform_for(snapshot: Snapshot, source: ArraySource) -> Transform:
    """What the data layer does to an image when it is measured.

    Items of Caffe's own stores have their colours in order already.
    """
    param = pb.TransformationParameter()
    param.CopyFrom(snapshot.transform().transform_param)
    if isinstance(source, LayerSource):
        for field in ("force_color", "force_gray", "color_order"):
            param.ClearField(field)
        if source.turns:
            param.color_order = pb.TransformationParameter.BGR
    settings = transform_settings(param, source, snapshot.text.where)
    return Transform(replace(settings, mirror=False), source.shape)
