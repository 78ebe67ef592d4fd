"""Floor 4. The compiler: a net text becomes a graph, pass by pass, verified between stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from mycaffe_py.data.label_match import LearnedNames
from mycaffe_py.data.opening import RUNNING, Opening
from mycaffe_py.graph.branches import branch_differences
from mycaffe_py.graph.build import build
from mycaffe_py.graph.check_names import check_types
from mycaffe_py.graph.fold import fold
from mycaffe_py.graph.fuse import fuse
from mycaffe_py.graph.gradients import mark_gradients, without_gradients
from mycaffe_py.graph.in_place import (
    check_in_place,
    overwrites_what_others_show,
    without_passes,
)
from mycaffe_py.graph.memory import share_memory
from mycaffe_py.graph.merge_twins import merge_twins
from mycaffe_py.graph.model import Graph, Located
from mycaffe_py.graph.run_net import run_layers
from mycaffe_py.graph.select import State, located_layers, select
from mycaffe_py.graph.settle import settle
from mycaffe_py.graph.share import share
from mycaffe_py.graph.splits import insert_splits
from mycaffe_py.graph.verify import verify
from mycaffe_py.layers.base import Shape
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import NetParameter

Stored = Mapping[str, Sequence[Shape]]

# What makes the plan fast, in order. Without any of them it is Caffe, layer by layer.
OPTIMISING: Mapping[str, Callable[[Graph], Graph]] = {
    "merge_twins": merge_twins,
    "fuse": fuse,
    "fold": fold,
    "memory": share_memory,
}
ALL_PASSES = tuple(OPTIMISING)


def compile_net(
    net: NetParameter,
    where: Locations,
    state: State,
    *,
    seed: int = 0,
    stored: Stored | None = None,
    passes: Sequence[str] = (),
    backward: bool = True,
    learned: LearnedNames | None = None,
    opening: Opening = RUNNING,
) -> Graph:
    """The graph of `net` (already upgraded) in `state`, after the optimising `passes`.

    Without `backward` it can run forward only.
    `stored` gives the shapes of weights about to be loaded, by layer name, for parameters whose
    size only the weights know (centroids). `learned` are the classes of the TRAIN net, by its data
    layers, which number the labels of a TEST net. `opening`: whether code that the text names may
    run, data sets be made, and more be read of them than their heads.
    """
    whole = located_layers(net, where)
    layers = select(whole, state)
    check_types(layers, whole)
    graph = _build(net, layers, where, state, seed, stored, learned, opening)
    return _optimise(graph, net.force_backward, passes, backward)


def compile_run_net(
    net: NetParameter,
    where: Locations,
    state: State,
    shapes: Mapping[str, Shape],
    batch: int,
    *,
    stored: Stored | None = None,
    passes: Sequence[str] = (),
    opening: Opening = RUNNING,
) -> Graph:
    """The RUN net of `net` for `batch` rows, forward only; `shapes`: of the TEST or TRAIN net."""
    whole = located_layers(net, where)
    check_types(select(whole, state), whole)
    layers = run_layers(whole, shapes, batch, state)
    graph = _build(net, layers, where, state, 0, stored, opening=opening)
    return _optimise(graph, False, passes, backward=False)


def _build(
    net: NetParameter,
    layers: Sequence[Located],
    where: Locations,
    state: State,
    seed: int,
    stored: Stored | None,
    learned: LearnedNames | None = None,
    opening: Opening = RUNNING,
) -> Graph:
    graph = build(
        net.name,
        insert_splits(layers),
        state.phase,
        seed=seed,
        stored=stored,
        learned=learned,
        where=where,
        opening=opening,
    )
    graph = verify(share(verify(graph, "build")), "share")
    return replace(graph, differences=branch_differences(graph))


def _optimise(graph: Graph, force: bool, passes: Sequence[str], backward: bool) -> Graph:
    graph = mark_gradients(graph, force) if backward else without_gradients(graph)
    graph = check_in_place(verify(graph, "gradients"))
    layer = overwrites_what_others_show(graph) if passes else ""
    if layer:
        return without_passes(graph, layer)
    return settle(graph, partial(_run, passes)) if passes else graph


def _run(passes: Sequence[str], graph: Graph) -> Graph:
    for name, optimise in OPTIMISING.items():
        if name in passes:
            graph = verify(optimise(graph), name)
    return graph
