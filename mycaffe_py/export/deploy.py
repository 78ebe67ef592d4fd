"""Floor 7. A clean deploy text, and a caffemodel with its layers and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from google.protobuf.message import Message

from mycaffe_py.atomic import write_atomically
from mycaffe_py.data.opening import TRANSLATING, Opening
from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import layer_weights
from mycaffe_py.export.caffe_layers import in_caffes_words, known_to_caffe
from mycaffe_py.export.plain_net import known_of, load, phase_of
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.model import Located
from mycaffe_py.graph.run_net import run_layers
from mycaffe_py.graph.select import located_layers, select
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import Shape
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.text import write_text
from mycaffe_py.snapshot.weights import LayerWeights, Weights, write_weights
from mycaffe_py.solver.texts import NetText

# Options that say how to begin, to learn or to compute, not what comes out.
_OF_NO_EFFECT = {"engine", "moving_average_fraction", "stable_prod_grad", "force_nd_im2col"}


@dataclass(frozen=True)
class Deployed:
    """A net that only runs: its text, and the net with its weights. `left_out`: layers' names."""

    text: pb.NetParameter
    net: Net
    left_out: tuple[str, ...] = ()


def deployed(
    text: NetText,
    weights: Weights,
    *,
    shapes: Mapping[str, Shape] | None = None,
    for_caffe: bool = False,
    opening: Opening = TRANSLATING,
) -> Deployed:
    """The RUN net of `text` (a text without data and losses: its TEST net) with `weights`.

    `shapes` are those of its TEST net where they are known. With `for_caffe` layers that BVLC
    Caffe does not know are left out at the end of the net and refused elsewhere, as are options
    of MyCaffe's own. `opening`: whether code that the text names may run.
    """
    layers = _layers(text, shapes, opening)
    left_out: tuple[str, ...] = ()
    if for_caffe:
        layers, left_out = known_to_caffe(layers)
    layers = _read_inputs(layers)
    named = Counter(spec.name for layer in layers for spec in layer.param.param)
    net = pb.NetParameter(name=text.net.name)
    for layer in layers:
        param = _clean(layer.param, named)
        net.layer.append(in_caffes_words(param, layer.where) if for_caffe else param)
    state = replace(text.state, phase=pb.TEST)
    graph = compile_net(
        net,
        Locations.none(text.where.file),
        state,
        stored=weights.shapes(),
        backward=False,
        opening=opening,
    )
    made = Net(graph)
    if graph.params:
        load(made, weights)
    return Deployed(net, made, left_out)


def write_deployed(
    what: Deployed,
    text: Path,
    weights: Path,
    comments: Sequence[str] = (),
    beside: Sequence[LayerWeights] = (),
) -> None:
    """Write both files, atomically; `comments` stand at the head of the text, a line each.

    `beside` are layers of the weights that the text has not: Caffe and OpenCV pass over them.
    """
    head = "".join(f"# {line}\n" for line in comments)
    write_atomically(text, (head + write_text(what.text)).encode())
    layers = layer_weights(what.net, what.text.layer)
    write_weights(weights, what.text.name, [*layers, *beside])


def centroids_left_out(
    text: NetText, weights: Weights, left_out: Sequence[str]
) -> tuple[LayerWeights, ...]:
    """The state of the Decode layers among `left_out`: what the features are compared with."""
    kinds = {layer.name: layer_types.get(layer.type).type for layer in text.net.layer}
    return tuple(
        LayerWeights(
            pb.LayerParameter(name=name, type="Decode"),
            [blob.array for blob in weights.layers[name]],
        )
        for name in left_out
        if kinds.get(name) == "Decode" and name in weights.layers
    )


def _layers(text: NetText, shapes: Mapping[str, Shape] | None, opening: Opening) -> list[Located]:
    layers = located_layers(text.net, text.where)
    phase = phase_of(text.net)
    state = replace(text.state, phase=phase)
    if phase != pb.RUN:
        return select(layers, state)
    return run_layers(
        layers, known_of(text, opening).shapes if shapes is None else shapes, 1, state
    )


def _read_inputs(layers: Sequence[Located]) -> list[Located]:
    """Without Input layers that nobody reads: the label of a text that names its inputs."""
    read = {bottom for layer in layers for bottom in layer.param.bottom}
    return [layer for layer in layers if layer.param.type != "Input" or read & set(layer.param.top)]


def _clean(param: pb.LayerParameter, named: Mapping[str, int]) -> pb.LayerParameter:
    """What matters to a net that only runs: ports, options, names of parameters that are shared."""
    clean = pb.LayerParameter(name=param.name, type=param.type, bottom=param.bottom, top=param.top)
    if any(spec.name and named[spec.name] > 1 for spec in param.param):
        for spec in param.param:
            clean.param.add().MergeFrom(_sharing(spec, named))
    for field, value in param.ListFields():
        if not field.name.endswith("_param") or field.name in ("transform_param", "loss_param"):
            continue
        options = _options(value)
        if options.ListFields() or not value.ListFields():
            getattr(clean, field.name).CopyFrom(options)
    return clean


def _sharing(spec: pb.ParamSpec, named: Mapping[str, int]) -> pb.ParamSpec:
    if named[spec.name] < 2 or not spec.name:
        return pb.ParamSpec()
    kept = pb.ParamSpec(name=spec.name)
    if spec.HasField("share_mode"):
        kept.share_mode = spec.share_mode
    return kept


def _options(options: Message) -> Message:
    """A layer's options without fillers and what else has no effect."""
    kept = type(options)()
    kept.CopyFrom(options)
    for field, value in options.ListFields():
        if isinstance(value, pb.FillerParameter) or field.name in _OF_NO_EFFECT:
            kept.ClearField(field.name)
    return kept
