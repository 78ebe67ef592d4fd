"""The compiler: a net text becomes a graph, pass by pass, verified between stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from mycaffe_py.data.label_match import LearnedNames
from mycaffe_py.data.opening import RUNNING, Opening
from mycaffe_py.data.shards.cut import WHOLE, Cut
from mycaffe_py.graph.branches import branch_differences
from mycaffe_py.graph.build import build
from mycaffe_py.graph.check_names import check_types
from mycaffe_py.graph.gradients import mark_gradients, without_gradients
from mycaffe_py.graph.in_place import (
    check_in_place,
    overwrites_what_others_show,
    without_passes,
)
from mycaffe_py.graph.in_step import leaders_first
from mycaffe_py.graph.model import Graph, Located
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.passes.blocks import lay_in_blocks
from mycaffe_py.graph.passes.fold import fold
from mycaffe_py.graph.passes.fuse import fuse
from mycaffe_py.graph.passes.memory import share_memory
from mycaffe_py.graph.passes.merge_twins import merge_twins
from mycaffe_py.graph.passes.settle import settle
from mycaffe_py.graph.run_net import run_layers
from mycaffe_py.graph.select import select
from mycaffe_py.graph.share import share
from mycaffe_py.graph.splits import insert_splits
from mycaffe_py.graph.verify import verify
from mycaffe_py.layers.base import Shape

Stored = Mapping[str, Sequence[Shape]]

# What makes the graph fast, in order. Without any of them it is Caffe, layer by layer.
OPTIMISING: Mapping[str, Callable[[Graph], Graph]] = {
    "merge_twins": merge_twins,
    "fuse": fuse,
    "fold": fold,
    "blocks": lay_in_blocks,
    "memory": share_memory,
}
ALL_PASSES = tuple(OPTIMISING)


def compile_net(
    text: NetText,
    *,
    seed: int = 0,
    stored: Stored | None = None,
    passes: Sequence[str] = (),
    backward: bool = True,
    learned: LearnedNames | None = None,
    opening: Opening = RUNNING,
    cut: Cut = WHOLE,
) -> Graph:
    """The graph of `text` in its state, after the optimising `passes`.

    Without `backward` the graph can run forward only.
    `stored` gives the shapes of weights about to be loaded, by layer name, for parameters whose
    size only the weights know (centroids). `learned` are the classes of the TRAIN net, by its data
    layers; they number the labels of a TEST net. `opening` says whether code that the text names
    may run, whether data sets may be made, and whether more than their heads may be read. It is the
    graph for one shard of `cut`.
    """
    whole = text.layers()
    layers = select(whole, text.state)
    check_types(layers, whole)
    graph = _build(text, layers, seed, stored, learned, opening, cut)
    return _optimise(graph, text.net.force_backward, passes, backward)


def compile_run_net(
    text: NetText,
    shapes: Mapping[str, Shape],
    batch: int,
    *,
    stored: Stored | None = None,
    passes: Sequence[str] = (),
    opening: Opening = RUNNING,
) -> Graph:
    """The net of `text`, in phase RUN, for `batch` rows, forward only.

    `shapes` are those of the blobs of its TEST or TRAIN net, by name.
    """
    whole = text.layers()
    check_types(select(whole, text.state), whole)
    layers = run_layers(whole, shapes, batch, text.state)
    graph = _build(text, layers, 0, stored, opening=opening)
    return _optimise(graph, False, passes, backward=False)


def _build(
    text: NetText,
    layers: Sequence[Located],
    seed: int,
    stored: Stored | None,
    learned: LearnedNames | None = None,
    opening: Opening = RUNNING,
    cut: Cut = WHOLE,
) -> Graph:
    graph = build(
        text.net.name,
        insert_splits(leaders_first(layers)),
        text.state.phase,
        seed=seed,
        stored=stored,
        learned=learned,
        where=text.where,
        opening=opening,
        cut=cut,
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
