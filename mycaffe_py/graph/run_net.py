"""The RUN net: a model text without its data, labels and losses.

What the excluded layers used to feed becomes an input of the same shape, so the layers that are
left read what they always read. SoftmaxWithLoss becomes Softmax, Decode and KNN keep their
encodings only, and what read the anchors of a DataSequence reads the input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mycaffe_py.errors import UserError
from mycaffe_py.graph.model import Located
from mycaffe_py.graph.select import State, meets, select
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import Shape
from mycaffe_py.proto import mycaffe_pb2 as pb


class UnknownShapeError(UserError):
    """A RUN net reads a blob whose shape no other net tells."""


def run_layers(
    layers: Sequence[Located], shapes: Mapping[str, Shape], batch: int, state: State
) -> list[Located]:
    """The layers of the RUN net, with Input layers of `batch` rows in front.

    `layers` is the whole text, `shapes` the shape each blob has in the TEST or TRAIN net.
    """
    kept = [_for_running(layer, state) for layer in select(layers, state)]
    body = [layer for layer in kept if layer is not None]
    body, missing = _without_labels(body, _label_blobs(layers))
    inputs = [_input(name, reader, shapes, batch) for name, reader in missing.items()]
    return [*inputs, *body]


def _for_running(layer: Located, state: State) -> Located | None:
    """The form of `layer` in a RUN net, or None for a layer that has no place there."""
    kind = layer_types.get(layer.param.type, layer.where.at("type"))
    param = pb.LayerParameter()
    param.CopyFrom(layer.param)
    if kind.brings_data(layer.param):
        return None
    if kind.runs_as:
        param.type = kind.runs_as
        del param.bottom[1:]
        del param.top[:]
        del param.loss_weight[:]
        param.top.append(layer.param.name)
        return Located(param, layer.where)
    if kind.is_loss or kind.measures:
        return None
    most = len(param.bottom) if kind.bottoms_in_run is None else kind.bottoms_in_run
    for trim in param.max_bottom_count:
        if meets(pb.NetStateRule(phase=trim.phase), state):
            most = min(most, trim.count)
    del param.bottom[most:]
    return Located(param, layer.where)


def _label_blobs(layers: Sequence[Located]) -> set[str]:
    """All tops but the first of data layers: labels and partners, which a RUN net does not have."""
    labels: set[str] = set()
    for layer in layers:
        param = layer.param
        if not param.bottom or layer_types.get(param.type).brings_data(param):
            labels.update(param.top[1:])
    return labels


def _without_labels(
    body: list[Located], labels: set[str]
) -> tuple[list[Located], dict[str, Located]]:
    """Drop layers that only labels or dropped layers feed; return the rest and what is missing."""
    made: set[str] = set()
    missing: dict[str, Located] = {}
    gone = set(labels)
    kept: list[Located] = []
    for layer in body:
        absent = [b for b in layer.param.bottom if b not in made]
        if any(blob in gone for blob in absent):
            gone.update(top for top in layer.param.top if top not in made)
            continue
        for blob in absent:
            missing.setdefault(blob, layer)
            made.add(blob)
        made.update(layer.param.top)
        kept.append(layer)
    fed = {b for layer in kept for b in layer.param.bottom} | {
        t for layer in kept for t in layer.param.top
    }
    return kept, {blob: layer for blob, layer in missing.items() if blob in fed}


def _input(name: str, reader: Located, shapes: Mapping[str, Shape], batch: int) -> Located:
    if name not in shapes:
        raise UnknownShapeError(
            f"layer '{reader.param.name}' ({reader.param.type}): bottom '{name}' is made by no "
            "layer of the RUN net, and its shape is not known",
            where=reader.where.at("bottom", 0),
            do=f"Add an Input layer with top '{name}' and include {{ phase: RUN }}.",
        )
    param = pb.LayerParameter(name=name, type="Input", top=[name])
    param.input_param.shape.add(dim=[batch, *shapes[name][1:]])
    return Located(param, reader.where)
