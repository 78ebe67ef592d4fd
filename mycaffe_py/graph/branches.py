"""Branches that meet in one layer, and in what they differ though they share weights.

A Siamese net is one net written twice: what was changed in one branch alone is most often a slip,
and nothing stops on it, so it is told. The text may mean it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from mycaffe_py.graph.ancestry import Ancestry
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.graph.param_key import ParamKey
from mycaffe_py.graph.twin_options import other_fillers, other_options

# Differences that a line tells before it counts the rest.
_TOLD = 6
_PARTS = {"Convolution", "Deconvolution", "InnerProduct"}


def branch_differences(graph: Graph) -> tuple[str, ...]:
    """A line for each two branches that are twins but for something."""
    if not any(param.sharers for param in graph.params.values()) and not any(
        _compared(node) for node in graph.nodes
    ):
        return ()
    ancestry = Ancestry(graph.nodes)
    found: dict[str, None] = {}
    told: set[str] = set()
    for number, node in enumerate(graph.nodes):
        for one, two in _pairs(node):
            lines = [line for line in _differences(ancestry, number, one, two) if line not in told]
            told.update(lines)
            if lines:
                names = [node.bottoms[k] for k in (one, two)]
                found[_line(node, [ancestry.written.get(n, n) for n in names], lines)] = None
    return tuple(found)


def _compared(node: Node) -> int:
    """How many of its first bottoms a loss compares with each other; 0 for other layers."""
    return node.layer.compares(node.plan.facts)


def _pairs(node: Node) -> Iterator[tuple[int, int]]:
    """Bottoms whose branches may be twins: the first one's with each other one's."""
    layer, count = node.layer, len(node.bottoms)
    if layer.is_loss:
        # The others are labels, or weights of the classes.
        count = _compared(node) or sum(layer.gives_gradient(k, count) for k in range(count))
    for other in range(1, count):
        yield 0, other


def _line(node: Node, names: Sequence[str], lines: Sequence[str]) -> str:
    more = f"; and {len(lines) - _TOLD} more" if len(lines) > _TOLD else ""
    return (
        f"The branches '{names[0]}' and '{names[1]}' of layer '{node.name}' ({node.layer.type}) "
        f"differ: {'; '.join(lines[:_TOLD])}{more}."
    )


def _differences(ancestry: Ancestry, number: int, one: int, two: int) -> list[str]:
    node = ancestry.nodes[number]
    behind_one, behind_two = ancestry.behind(number, one), ancestry.behind(number, two)
    a = _layers(ancestry, behind_one & ~behind_two)
    b = _layers(ancestry, behind_two & ~behind_one)
    learned = [{key for n in nodes for key in n.params} for nodes in (a, b)]
    shared = learned[0] & learned[1]
    compared = bool(_compared(node))
    if compared and not a and not b:
        return ["they are the same blob"]
    if not compared and not shared:
        return []
    if not shared:
        apart = ["they share no parameters"] if learned[0] and learned[1] else []
        return [*_uneven(ancestry, a, b), *apart]
    if not compared:
        a, b = (_from_shared(nodes, shared) for nodes in (a, b))
    pairs, alone = _aligned(a, b, shared)
    lines = [f"'{n.name}' ({n.layer.type}) has no twin" for n in alone]
    for first, second in pairs:
        lines += _of_twins(first, second)
    return lines if lines or not compared else _same_start(ancestry, a, b)


def _layers(ancestry: Ancestry, bits: int) -> list[Node]:
    """The layers of a set that make something of something: no data."""
    nodes = (ancestry.nodes[number] for number in ancestry.listed(bits))
    return [node for node in nodes if node.bottoms]


def _from_shared(nodes: list[Node], shared: set[ParamKey]) -> list[Node]:
    """Those from the first layer with a shared parameter on."""
    first = next(i for i, node in enumerate(nodes) if shared.intersection(node.params))
    return nodes[first:]


def _aligned(
    a: list[Node], b: list[Node], shared: set[ParamKey]
) -> tuple[list[tuple[Node, Node]], list[Node]]:
    """Twins, by what they share and by their types, and the layers that have none."""
    pairs: list[tuple[Node, Node]] = []
    alone: list[Node] = []

    def by_sharing(node: Node) -> object:
        return node.layer.type, tuple(key for key in node.params if key in shared)

    for tag, i, j, k, m in _blocks([by_sharing(n) for n in a], [by_sharing(n) for n in b]):
        if tag == "equal":
            pairs += zip(a[i:j], b[k:m], strict=True)
            continue
        left, right = a[i:j], b[k:m]
        for inner, p, q, r, s in _blocks(
            [n.layer.type for n in left], [n.layer.type for n in right]
        ):
            if inner == "equal":
                pairs += zip(left[p:q], right[r:s], strict=True)
            else:
                alone += [*left[p:q], *right[r:s]]
    return pairs, alone


def _blocks(a: Sequence[object], b: Sequence[object]) -> list[tuple[str, int, int, int, int]]:
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return [*matcher.get_opcodes()]


def _of_twins(a: Node, b: Node) -> list[str]:
    """In what two layers differ that have the same place in their branches."""
    options = other_options(a, b)
    lines = [f"'{a.name}' and '{b.name}' have {', '.join(options)}"] if options else []
    lines += _of_parameters(a, b)
    if a.params == b.params:
        lines += [
            f"the {filler} of '{b.name}' is not that of '{a.name}', which alone counts"
            for filler in other_fillers(a, b)
        ]
    return lines


def _of_parameters(a: Node, b: Node) -> list[str]:
    if a.params == b.params:
        return []
    same = [k for k, (one, two) in enumerate(zip(a.params, b.params, strict=False)) if one == two]
    other = [k for k in range(max(len(a.params), len(b.params))) if k not in same]
    if not same:
        return [f"'{b.name}' shares no parameters with '{a.name}'"]
    return [
        f"'{b.name}' shares its {_named(b, same)} with '{a.name}', but not its {_named(b, other)}"
    ]


def _named(node: Node, numbers: list[int]) -> str:
    """Parameters as people call them."""
    if node.layer.type in _PARTS:
        return " and ".join(("weights", "bias")[k] for k in numbers)
    return " and ".join(f"parameter {k}" for k in numbers)


def _same_start(ancestry: Ancestry, a: list[Node], b: list[Node]) -> list[str]:
    """Twins that begin with one blob, so that they always end alike."""
    starts = _starts(ancestry, a), _starts(ancestry, b)
    if starts[0] != starts[1] or len(starts[0]) != 1:
        return []
    if any(node.layer.type == "Dropout" for node in a):
        return []
    return [f"both begin with blob '{starts[0].pop()}', so they are always alike"]


def _uneven(ancestry: Ancestry, a: list[Node], b: list[Node]) -> list[str]:
    """Branches that begin with unlike parts of one blob."""
    starts = _starts(ancestry, a) | _starts(ancestry, b)
    for node in ancestry.nodes:
        parts = [spec.shape for top, spec in zip(node.tops, node.plan.tops, strict=True)
                 if top in starts]  # fmt: skip
        if node.layer.type == "Slice" and len(parts) == 2 and parts[0] != parts[1]:
            return [f"'{node.name}' (Slice) cuts them into {parts[0]} and {parts[1]}"]
    return []


def _starts(ancestry: Ancestry, nodes: list[Node]) -> set[str]:
    """The blobs that layers read and none of them makes."""
    made = {top for node in nodes for top in node.tops}
    read = (blob for node in nodes for blob in node.bottoms)
    return {ancestry.written.get(blob, blob) for blob in read} - made
