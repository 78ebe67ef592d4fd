"""Why two layers cannot share a parameter: where their branches became unlike."""

from __future__ import annotations

from collections.abc import Sequence

from mycaffe_py.errors import UserError
from mycaffe_py.graph.ancestry import Ancestry
from mycaffe_py.graph.model import Node
from mycaffe_py.layers.base import Shape


def mismatch(
    owner: Node, node: Node, earlier: Sequence[Node], index: int, found: str, wanted: str
) -> UserError:
    """The error for `node`, whose parameter `index` has not the shape of that of `owner`.

    `found` and `wanted` tell of the two shapes. The cause is looked for back from both layers: a
    Slice that cuts unevenly, inputs of two shapes, or layers that make unlike blobs of like ones.
    Only layers of one blob are no twins, so that two names may be what is meant.
    """
    at = ("param", index, "name")
    do = "Give both layers the same sizes."
    if not owner.bottoms or not node.bottoms:
        return node.context.error(found, at=at, wanted=wanted, do=do)
    nodes = [*earlier, node]
    ancestry = Ancestry(nodes)
    a, b = nodes.index(owner), len(nodes) - 1
    if ancestry.maker(a) == ancestry.maker(b):
        do = "Give both layers the same sizes, or the parameters different names."
    while _read(nodes[a]) != _read(nodes[b]):
        (a, top_a), (b, top_b) = ancestry.maker(a), ancestry.maker(b)
        one, two = nodes[a], nodes[b]
        if a == b and one.layer.type == "Slice":
            return _uneven(ancestry, a, f"layer '{node.name}' ({node.layer.type}): {found}", wanted)
        if a == b or not one.bottoms or not two.bottoms:
            tops = [
                f"'{n.tops[t]}' {n.plan.tops[t].shape}" for n, t in ((one, top_a), (two, top_b))
            ]
            wanted += f"; it comes of blob {tops[1]}, the owner of {tops[0]}"
            do = "Give both branches inputs of one shape."
            break
        do = (
            f"The branches part at layers '{one.name}' and '{two.name}': give both the same layers "
            "with the same sizes."
        )
    return node.context.error(found, at=at, wanted=wanted, do=do)


def _read(node: Node) -> Shape:
    """What a row of a layer's first bottom looks like."""
    return node.context.shapes[0][1:]


def _uneven(ancestry: Ancestry, number: int, found: str, wanted: str) -> UserError:
    """The error of a Slice that cuts twins of different sizes."""
    cut = ancestry.nodes[number]
    shapes = [spec.shape for spec in cut.plan.tops]
    axis = next(k for k, extents in enumerate(zip(*shapes, strict=True)) if len(set(extents)) > 1)
    parts, extent = [shape[axis] for shape in shapes], cut.context.shapes[0][axis]
    even, rest = divmod(extent, len(parts))
    points = " ".join(f"slice_point: {even * k}" for k in range(1, len(parts)))
    source = ancestry.nodes[ancestry.maker(number)[0]].context.param
    why = f"{len(parts)} equal parts have {even} each"
    if axis == 1 and source.type == "Data" and source.data_param.images_per_blob == len(parts):
        why = f"each of the {len(parts)} images of an item has {even} channel{'s'[: even - 1]}"
    return cut.context.error(
        f"axis {axis} of bottom '{cut.bottoms[0]}' {cut.context.shapes[0]} is cut into "
        f"{' and '.join(map(str, parts))}",
        at=("slice_param", "slice_point", 0),
        wanted=f"branches that share weights have parts of one size; {found}; {wanted}",
        do=f"Write {points}: {why}."
        if not rest
        else f"{extent} cannot be cut into {len(parts)} equal parts: look at what the net reads.",
    )
