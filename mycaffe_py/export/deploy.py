"""A clean deploy text, and a caffemodel with its layers and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from google.protobuf.message import Message

from mycaffe_py.array_types import Array
from mycaffe_py.data.opening import TRANSLATING, Opening
from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import layer_weights
from mycaffe_py.export.answers import encoding_of
from mycaffe_py.export.caffe_layers import in_caffes_words, known_to_caffe
from mycaffe_py.export.deploy_outputs import ENCODING, copy_of, is_output, only_for
from mycaffe_py.export.exported_net import known_of, load, phase_of
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.model import Located
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.run_net import run_layers
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import Shape
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.text import write_text
from mycaffe_py.snapshot.weights import LayerWeights, Weights, write_weights

# Options that say how to begin, to learn or to compute, not what comes out.
_OF_NO_EFFECT = {"engine", "moving_average_fraction", "stable_prod_grad", "force_nd_im2col"}


@dataclass(frozen=True)
class Deployed:
    """A net that only runs: its text, and the net with its weights. `left_out`: layers' names.

    `encoding` is the output with encodings, "" where none was asked for.
    """

    text: pb.NetParameter
    net: Net
    left_out: tuple[str, ...] = ()
    encoding: str = ""


def deployed(
    text: NetText,
    weights: Weights,
    *,
    shapes: Mapping[str, Shape] | None = None,
    for_caffe: bool = False,
    blobs: Sequence[str] = (),
    encoding: bool = False,
    opening: Opening = TRANSLATING,
) -> Deployed:
    """The RUN net of `text` (a text without data and losses: its TEST net) with `weights`.

    `shapes` are those of its TEST net where they are known. With `for_caffe` layers that BVLC
    Caffe does not know are left out at the end of the net and refused elsewhere, as are options
    of MyCaffe's own. With `blobs` these are outputs, and layers that they do not need are left out
    silently; with `encoding` the encodings are an output too. `opening`: whether code that the text
    names may run.
    """
    layers = _layers(text, shapes, opening)
    if blobs:
        layers = only_for(layers, blobs)
    left_out: tuple[str, ...] = ()
    if for_caffe:
        layers, left_out = known_to_caffe(layers)
    layers = _read_inputs(layers)
    named = Counter(spec.name for layer in layers for spec in layer.param.param)
    net = pb.NetParameter(name=text.net.name)
    for layer in layers:
        param = _clean(layer.param, named)
        net.layer.append(in_caffes_words(param, layer.where) if for_caffe else param)
    for blob in blobs:
        if not is_output(net.layer, blob):
            net.layer.append(copy_of(net.layer, blob, f"{blob}_output"))
    clean = NetText(net, Locations.none(text.where.file), text.in_phase(pb.TEST).state)
    graph = compile_net(clean, stored=weights.shapes(), backward=False, opening=opening)
    found = encoding_of(graph) if encoding else ""
    if found and not is_output(net.layer, found):
        net.layer.append(copy_of(net.layer, found, ENCODING))
        found = net.layer[-1].name
        graph = compile_net(clean, stored=weights.shapes(), backward=False, opening=opening)
    made = Net(graph)
    if graph.params:
        load(made, weights)
    return Deployed(net, made, left_out, found)


def write_deployed(
    what: Deployed,
    text: Path,
    weights: Path,
    comments: Sequence[str] = (),
    beside: Sequence[LayerWeights] = (),
    half: bool = False,
) -> None:
    """Write both files, atomically; `comments` stand at the head of the text, a line each.

    `beside` are layers of the weights that the text has not: Caffe and OpenCV pass over them.
    `half`: the weights are written in half precision.
    """
    head = "".join(f"# {line}\n" for line in comments)
    write_atomically(text, (head + write_text(what.text)).encode())
    layers = [*layer_weights(what.net, what.text.layer), *beside]
    if half:
        layers = [replace(one, blobs=[_halved(blob) for blob in one.blobs]) for one in layers]
    write_weights(weights, what.text.name, layers)


def _halved(blob: Array) -> Array:
    """In half precision, or as it is where a value is beyond that: running sums may be."""
    fits = np.abs(blob).max(initial=0) <= np.finfo(np.float16).max
    return blob.astype(np.float16) if fits else blob


def centroids_left_out(
    text: NetText, weights: Weights, left_out: Sequence[str]
) -> tuple[LayerWeights, ...]:
    """The state of the Decode layers among `left_out`: what the features are compared with."""
    kinds = {layer.name: layer_types.get(layer.type) for layer in text.net.layer}
    return tuple(
        LayerWeights(
            pb.LayerParameter(name=name, type=kinds[name].type),
            [blob.array for blob in weights.layers[name]],
        )
        for name in left_out
        if kinds[name].answers == "distances" and name in weights.layers
    )


def _layers(text: NetText, shapes: Mapping[str, Shape] | None, opening: Opening) -> list[Located]:
    text = text.in_phase(phase_of(text.net))
    if text.state.phase != pb.RUN:
        return text.selected()
    known = known_of(text, opening).shapes if shapes is None else shapes
    return run_layers(text.layers(), known, 1, text.state)


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
