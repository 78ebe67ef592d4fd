"""Base and head as one model text: a branch of the base for each image, then the head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.designs.head import LABEL, PAIR, Head
from mycaffe_py.evaluate.features.feature_base import FrozenBase
from mycaffe_py.graph.run_net import run_layers
from mycaffe_py.graph.select import State
from mycaffe_py.layers.base import Shape
from mycaffe_py.proto import mycaffe_pb2 as pb

# What an image's branch adds to the names of layers and blobs: nothing for the first one's.
_SUFFIXES: Mapping[str, str] = {"a": "", "b": "_p", "p": "_p", "n": "_n"}
_IMAGES = "images"
# Statistics, not weights: the solver must leave these arrays alone.
_STATE = {"BatchNorm": range(3), "BN": range(2, 4)}
_BN_PARAMS = 4


@dataclass(frozen=True)
class Joint:
    """How the joined net is fed and how fast its base learns: examples of `rows` from `source`
    (images of `channels`), `rate` times the base's own learning rates (0: frozen)."""

    source: str
    channels: int
    rows: int
    rate: float


def join(base: FrozenBase, blob: str, head: Head, joint: Joint) -> pb.NetParameter:
    """The TRAIN net of `head` on `blob` of `base`, all layer names as they are.

    The twins of a base layer are called <name>_p and <name>_n and share its parameters by name.
    Errors: no such blob, a base with several inputs, a name that base and head both have.
    """
    branch, image = _branch(base, blob, joint.rows)
    net = pb.NetParameter(name=f"{head.name}_on_{base.text.net.name or 'base'}")
    suffixes = [_SUFFIXES[name] for name in head.images]
    net.layer.extend(_data(base, joint, head, [image + suffix for suffix in suffixes]))
    for suffix in suffixes:
        net.layer.extend(_twin(layer, suffix, base, joint.rate) for layer in branch)
    fed = {name: blob + _SUFFIXES[name] for name in head.images}
    for layer in head.text.net.layer:
        if layer.type != "Input":
            net.layer.add().CopyFrom(layer)
            bottoms = [fed.get(bottom, bottom) for bottom in layer.bottom]
            del net.layer[-1].bottom[:]
            net.layer[-1].bottom.extend(bottoms)
    _check_names(net, head)
    return net


def _branch(base: FrozenBase, blob: str, rows: int) -> tuple[list[pb.LayerParameter], str]:
    """The base's layers from its input to `blob`, and the input's name."""
    text = base.text
    layers = run_layers(text.layers(), base.shapes, rows, State(pb.RUN))
    wanted, needed = {blob}, []
    for layer in reversed(layers):
        if wanted.intersection(layer.param.top):
            wanted.update(layer.param.bottom)
            needed.append(layer.param)
    inputs = [top for layer in needed if layer.type == "Input" for top in layer.top]
    branch = [layer for layer in reversed(needed) if layer.type != "Input"]
    if not branch or len(inputs) != 1:
        raise UserError(
            f"blob '{blob}' is made of {len(inputs)} inputs",
            where=text.where.at(),
            wanted="a base makes its feature of one image",
        )
    return branch, inputs[0]


def _data(
    base: FrozenBase, joint: Joint, head: Head, blobs: Sequence[str]
) -> list[pb.LayerParameter]:
    """Pairs or triplets as channels of one blob, and what takes them apart."""
    count = len(blobs)
    data = pb.LayerParameter(name=_IMAGES, type="Data", top=[_IMAGES])
    if head.images == PAIR:
        data.top.append(LABEL)
    data.include.add(phase=pb.TRAIN)
    data.transform_param.CopyFrom(base.transform)
    chosen = data.data_param
    chosen.source = joint.source
    chosen.batch_size = joint.rows
    chosen.backend = pb.DataParameter.IMAGEDB
    chosen.images_per_blob = count
    chosen.balance_matches = True
    chosen.enable_random_selection = True
    chosen.label_balancing = True
    apart = pb.LayerParameter(name=f"{_IMAGES}_apart", type="Slice", bottom=[_IMAGES], top=blobs)
    apart.slice_param.axis = 1
    apart.slice_param.slice_point.extend(joint.channels * place for place in range(1, count))
    return [data, apart]


def _twin(
    layer: pb.LayerParameter, suffix: str, base: FrozenBase, rate: float
) -> pb.LayerParameter:
    """`layer` in the branch of `suffix`: its own blobs, the first branch's parameters."""
    twin = pb.LayerParameter()
    twin.CopyFrom(layer)
    for rules in (twin.include, twin.exclude):
        del rules[:]
    twin.name += suffix
    for names in (twin.bottom, twin.top):
        changed = [name + suffix for name in names]
        del names[:]
        names.extend(changed)
    shapes: Sequence[Shape] = base.weights.shapes().get(layer.name, ())
    while len(twin.param) < len(shapes):
        twin.param.add()
    for index, spec in enumerate(twin.param):
        spec.name = spec.name or f"{layer.name}_{index}"
        state = layer.bn_param.frozen or index in _STATE.get(layer.type, ())
        spec.lr_mult = 0 if state else spec.lr_mult * rate
        if not spec.lr_mult:
            spec.decay_mult = 0
    if not rate:
        _keep_statistics(twin, len(shapes))
    return twin


def _keep_statistics(layer: pb.LayerParameter, params: int) -> None:
    """Let a layer of a frozen base normalise as in the table: by what is stored, not by a batch,
    which would also change what is stored."""
    if layer.type == "BatchNorm":
        layer.batch_norm_param.use_global_stats = True
    # SegNet's BN, of two params, stores no statistics.
    elif layer.type == "BN" and params == _BN_PARAMS:
        layer.bn_param.frozen = True


def _check_names(net: pb.NetParameter, head: Head) -> None:
    """Weights go by layer name, so a name must be there once; a blob is made by one side."""
    names = [layer.name for layer in net.layer]
    double = sorted({name for name in names if names.count(name) > 1})
    own = {top for layer in head.text.net.layer if layer.type != "Input" for top in layer.top}
    count = sum(layer.type != "Input" for layer in head.text.net.layer)
    made = {top for layer in net.layer[: len(net.layer) - count] for top in layer.top}
    double += sorted(own & made)
    if double:
        raise UserError(
            f"base and head both have '{double[0]}'",
            where=head.text.where.at(),
            wanted="in one net a name stands for one layer or blob",
            do="Rename it in the head, and train the head again.",
        )
