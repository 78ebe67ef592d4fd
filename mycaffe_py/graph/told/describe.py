"""A graph told to people and to machines: layers, shapes, parameters, what runs backward.

Split layers are left out: a blob read twice is shown under its own name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mycaffe_py.graph.model import Graph, Node, Unknown
from mycaffe_py.graph.share import behind_splits, splits_of
from mycaffe_py.layers.base import Shape
from mycaffe_py.proto.mycaffe_pb2 import Phase


@dataclass(frozen=True)
class BlobFacts:
    """A top and its shape; None where only code could tell it that may not run."""

    name: str
    shape: Shape | None


@dataclass(frozen=True)
class LayerFacts:
    """One layer. `params` are the owners' keys, `learned` the number of values it owns."""

    name: str
    type: str
    bottoms: tuple[str, ...]
    tops: tuple[BlobFacts, ...]
    params: tuple[str, ...]
    learned: int
    backward: bool
    loss_weights: tuple[float, ...]


@dataclass(frozen=True)
class ParamFacts:
    """One parameter blob: its owner, and who else uses it. `learned` False marks state."""

    key: str
    name: str
    shape: Shape
    count: int
    learned: bool
    lr_mult: float
    decay_mult: float
    sharers: tuple[str, ...]


@dataclass(frozen=True)
class NetFacts:
    """A net in one phase. `learned` and `state` count values; `notes` tell what the passes did."""

    name: str
    phase: str
    layers: tuple[LayerFacts, ...]
    params: tuple[ParamFacts, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def learned(self) -> int:
        """Number of values the solver changes."""
        return sum(param.count for param in self.params if param.learned)

    @property
    def state(self) -> int:
        """Number of values layers keep by themselves: centroids, running means."""
        return sum(param.count for param in self.params if not param.learned)


def describe(graph: Graph) -> NetFacts:
    """The facts of `graph`, in layer order."""
    splits = splits_of(graph.nodes)
    unknown = [(one.place, _unknown(one)) for one in graph.unknown]
    known = [
        (number, _layer(graph, node, splits))
        for number, node in enumerate(graph.nodes)
        if node.layer.type != "Split"
    ]
    # What was left out stands before the node of its place.
    ordered = sorted([*unknown, *known], key=lambda placed: placed[0])
    read = {bottom for one in graph.unknown for bottom in one.bottoms}
    ends = [top for one in graph.unknown for top in one.tops if top not in read]
    return NetFacts(
        name=graph.name,
        phase=Phase.Name(graph.phase),
        layers=tuple(facts for _, facts in ordered),
        params=tuple(
            ParamFacts(
                p.key, p.name, p.shape, p.count, p.learned, p.lr_mult, p.decay_mult, p.sharers
            )
            for p in graph.params.values()
        ),
        inputs=graph.inputs,
        outputs=tuple(dict.fromkeys([*graph.outputs, *ends])),
        notes=graph.notes,
    )


def _layer(graph: Graph, node: Node, splits: Mapping[str, str]) -> LayerFacts:
    owned = (graph.params[key] for key in node.params if graph.params[key].layer == node.name)
    tops = zip(node.tops, node.plan.tops, strict=True)
    return LayerFacts(
        name=node.name,
        type=node.layer.type,
        bottoms=tuple(behind_splits(name, splits) for name in node.bottoms),
        tops=tuple(BlobFacts(name, spec.shape) for name, spec in tops),
        params=node.params,
        learned=sum(param.count for param in owned if param.learned),
        backward=node.backward,
        loss_weights=node.loss_weights,
    )


def _unknown(one: Unknown) -> LayerFacts:
    tops = tuple(BlobFacts(name, None) for name in one.tops)
    return LayerFacts(one.name, one.type, one.bottoms, tops, (), 0, False, ())


def unknown_notes(graph: Graph) -> tuple[str, ...]:
    """A line for each layer whose code would have to run."""
    return tuple(f"shape unknown: {one.why}" for one in graph.unknown if one.why)


def shape_text(shape: Shape | None) -> str:
    """64x20x24x24, "scalar" or "unknown"."""
    if shape is None:
        return "unknown"
    return "x".join(str(extent) for extent in shape) or "scalar"


def layer_table(facts: NetFacts) -> list[str]:
    """One line a layer: what it reads and makes, how many values it learns, whether it learns."""
    rows = [("layer", "type", "bottoms", "tops", "learned", "backward")]
    for layer in facts.layers:
        tops = ", ".join(f"{top.name} {shape_text(top.shape)}" for top in layer.tops)
        own = f"{layer.learned:,}" if layer.learned else ("shared" if layer.params else "")
        back = "yes" if layer.backward else ""
        rows.append((layer.name, layer.type, ", ".join(layer.bottoms), tops, own, back))
    return _aligned(rows)


def param_table(facts: NetFacts) -> list[str]:
    """One line a parameter: its owner's key, shape, rates, and who shares it."""
    rows = [("parameter", "name", "shape", "values", "lr_mult", "decay_mult", "also used by")]
    for param in facts.params:
        rates = (f"{param.lr_mult:g}", f"{param.decay_mult:g}") if param.learned else ("state", "")
        shape, count = shape_text(param.shape), f"{param.count:,}"
        sharers = ", ".join(param.sharers)
        rows.append((param.key, param.name, shape, count, *rates, sharers))
    return _aligned(rows)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
