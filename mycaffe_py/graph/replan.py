"""Plans a net again for other shapes: only the layers that a changed blob reaches."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from mycaffe_py.errors import UserError, nearest
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.graph.passes.memory import gradient_key
from mycaffe_py.graph.share import root_blob
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import BlobSpec, LayerContext, LayerPlan, Shape

_INPUT = "Input"


def replan(graph: Graph, shapes: Mapping[str, Shape], within: range | None = None) -> Graph:
    """`graph` with the blobs named in `shapes` given those shapes, and all behind them replanned.

    With `within` only the nodes of these numbers are: the others stay planned for the shapes that
    their bottoms had, and must not run until a later call has reached them. `shapes` must be of net
    inputs, or of tops which their layer declares as varying. Nodes that no change reaches stay the
    same objects, and so does the graph if there is none. Errors: another blob, a negative length, a
    layer whose parameters would change, or a change that reaches what an optimising pass has built.
    """
    _check_names(graph, shapes)
    blobs = dict(graph.blobs)
    changed: set[str] = set()
    nodes = []
    for number, node in enumerate(graph.nodes):
        again = node
        if (within is None or number in within) and _outdated(node, blobs, changed):
            again = _plan_again(graph, node, blobs)
        again = _given(again, shapes)
        nodes.append(again)
        if again is node:
            continue
        for top, spec in zip(again.tops, again.plan.tops, strict=True):
            if spec != blobs[top]:
                _check_plain(graph, node, top)
                changed.add(top)
                blobs[top] = spec
    if all(again is node for again, node in zip(nodes, graph.nodes, strict=True)):
        return graph
    return replace(graph, nodes=tuple(nodes), blobs=blobs)


def _outdated(node: Node, blobs: Mapping[str, BlobSpec], changed: Collection[str]) -> bool:
    """Whether a bottom has another shape than the node was planned for."""
    return any(bottom in changed for bottom in node.bottoms) or any(
        blobs[bottom].shape != shape
        for bottom, shape in zip(node.bottoms, node.context.shapes, strict=False)
    )


def _check_names(graph: Graph, shapes: Mapping[str, Shape]) -> None:
    free = {
        top: node
        for node in graph.nodes
        for index, top in enumerate(node.tops)
        if node.layer.type == _INPUT or index in node.plan.varying
    }
    makers = {top: node for node in graph.nodes for top in node.tops}
    for name, shape in shapes.items():
        if name not in makers:
            raise UserError(f"the net has no blob '{name}'", do=nearest(name, makers))
        if name not in free:
            maker = makers[name]
            raise maker.context.error(
                f"blob '{name}' cannot be given the shape {tuple(shape)}",
                at=("top", 0),
                wanted="its shape follows from this layer's text and bottoms",
                do=f"Reshape an input of the net: {', '.join(graph.inputs) or 'it has none'}.",
            )
        if min(shape, default=0) < 0:
            raise free[name].context.error(
                f"shape {tuple(shape)} for blob '{name}'", wanted="every length is 0 or more"
            )


def _given(node: Node, shapes: Mapping[str, Shape]) -> Node:
    """`node` with its tops as `shapes` says; unchanged where it says nothing new."""
    tops = tuple(
        replace(spec, shape=tuple(shapes[top])) if top in shapes else spec
        for top, spec in zip(node.tops, node.plan.tops, strict=True)
    )
    return node if tops == node.plan.tops else replace(node, plan=replace(node.plan, tops=tops))


def _plan_again(graph: Graph, node: Node, blobs: Mapping[str, BlobSpec]) -> Node:
    """`node` planned for its bottoms as they are now."""
    _check_plain(graph, node)
    # Layers whose parameters the data would size (centroids) keep the size that is there.
    stored = tuple(blob.shape for blob in node.plan.params) or node.context.stored
    context = replace(
        node.context, bottoms=tuple(blobs[bottom] for bottom in node.bottoms), stored=stored
    )
    plan = _without_rows(node, context) or node.layer.plan_again(context, node.plan)
    again = replace(node, context=context, plan=plan)
    _check_params(graph, again, node.plan)
    return again


def _without_rows(node: Node, context: LayerContext) -> LayerPlan | None:
    """The plan of a layer that rests because its bottoms have lost all rows; None for others.

    The layer does not run then (engine/step.py), so it need not be able to work on no rows: a loss
    keeps its top, every other top loses its rows too. Layers with other tops, and those with
    varying ones, are asked.
    """
    gone = [
        old[0]
        for old, new in zip(node.context.shapes, context.shapes, strict=True)
        if old and old[0] and new == (0, *old[1:])
    ]
    if not gone or node.plan.varying:
        return None
    tops = tuple(
        replace(spec, shape=(0, *spec.shape[1:])) if spec.shape[:1] == (gone[0],) else spec
        for spec in node.plan.tops
    )
    if node.layer.is_loss:
        return replace(node.plan, tops=(node.plan.tops[0], *tops[1:]))
    return replace(node.plan, tops=tops) if all(spec.count == 0 for spec in tops) else None


def _check_params(graph: Graph, node: Node, before: LayerPlan) -> None:
    old = [blob.shape for blob in before.params]
    new = [blob.shape for blob in node.plan.params]
    for index, (wanted, found) in enumerate(zip(old, new, strict=True)):
        if wanted != found:
            names = [root_blob(bottom, graph.nodes) for bottom in node.bottoms]
            told = ", ".join(
                f"'{name}' of {shape}"
                for name, shape in zip(names, node.context.shapes, strict=True)
            )
            raise node.context.error(
                f"parameter {index} would become {found} for bottom {told}",
                at=("bottom", 0),
                wanted=f"it is {wanted}, and a net keeps its parameters when its blobs are "
                "reshaped",
                do="Choose an input size that leaves this layer's bottom as it is.",
            )


def _check_plain(graph: Graph, node: Node, top: str = "") -> None:
    """Refuse what a pass has built for fixed sizes: merged, fused or packed into shared memory."""
    kind = node.layer.type
    plain = kind in layer_types and layer_types.get(kind) is node.layer
    stacked = {place.blob for place in graph.rows.values()}
    blobs = {top} if top else {*node.bottoms, *node.tops}
    fixed = [
        name
        for name in sorted(blobs)
        if name in graph.rows
        or name in stacked
        or name in graph.blocked
        or name in graph.channels
        or gradient_key(name) in graph.lifetimes
    ]
    if plain and not fixed:
        return
    what = f"blob '{fixed[0]}'" if fixed else f"layer '{node.name}' ({kind})"
    raise UserError(
        f"{what} cannot change its shape",
        where=node.context.where.at("name"),
        wanted="this net was compiled with optimising passes, which fixed its sizes",
        do="Compile it without passes to reshape it.",
    )
