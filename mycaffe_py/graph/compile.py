"""Floor 4. The compiler: a net text becomes a graph, pass by pass, verified between stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mycaffe_py.graph.build import build
from mycaffe_py.graph.gradients import mark_gradients
from mycaffe_py.graph.model import Graph, Located
from mycaffe_py.graph.run_net import run_layers
from mycaffe_py.graph.select import State, located_layers, select
from mycaffe_py.graph.share import share
from mycaffe_py.graph.splits import insert_splits
from mycaffe_py.graph.verify import verify
from mycaffe_py.layers.base import Shape
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import NetParameter

Stored = Mapping[str, Sequence[Shape]]


def compile_net(
    net: NetParameter,
    where: Locations,
    state: State,
    *,
    seed: int = 0,
    stored: Stored | None = None,
) -> Graph:
    """The graph of `net` (already upgraded) in `state`.

    `stored` gives the shapes of weights about to be loaded, by layer name, for parameters whose
    size only the weights know (centroids).
    """
    layers = select(located_layers(net, where), state)
    return _passes(net, layers, state, seed, stored)


def compile_run_net(
    net: NetParameter,
    where: Locations,
    state: State,
    shapes: Mapping[str, Shape],
    batch: int,
    *,
    stored: Stored | None = None,
) -> Graph:
    """The RUN net of `net` for `batch` rows; `shapes` are those of the TEST or TRAIN net."""
    layers = run_layers(located_layers(net, where), shapes, batch, state)
    return _passes(net, layers, state, 0, stored)


def _passes(
    net: NetParameter, layers: Sequence[Located], state: State, seed: int, stored: Stored | None
) -> Graph:
    graph = build(net.name, insert_splits(layers), state.phase, seed=seed, stored=stored)
    graph = verify(share(verify(graph, "build")), "share")
    return verify(mark_gradients(graph, force=net.force_backward), "gradients")
