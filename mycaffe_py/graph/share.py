"""Parameters and their owners: a `param { name }` used twice is one parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mycaffe_py.errors import UserError
from mycaffe_py.graph.mismatch import mismatch
from mycaffe_py.graph.model import Graph, Node, Param
from mycaffe_py.graph.param_key import ParamKey
from mycaffe_py.layers.base import BlobSpec, Layer, ParamBlob
from mycaffe_py.proto.mycaffe_pb2 import ParamSpec


class _Sharer:
    """Assigns every parameter blob of every node to its owner."""

    def __init__(self) -> None:
        self.params: dict[ParamKey, Param] = {}
        self.by_name: dict[str, ParamKey] = {}
        self.explicit: dict[ParamKey, set[str]] = {}
        self.nodes: list[Node] = []

    def add(self, node: Node) -> None:
        """Append `node` with the keys of its parameters."""
        specs = node.context.param.param
        if len(specs) > len(node.plan.params):
            raise node.context.error(
                f"{len(specs)} param entries, but the layer has {len(node.plan.params)} parameters",
                at=("param", len(node.plan.params)),
            )
        partner = _partner(node, self.nodes)
        keys = []
        for index, blob in enumerate(node.plan.params):
            spec = specs[index] if index < len(specs) else ParamSpec()
            if partner is not None and not spec.name:
                keys.append(self._join(node, index, blob, spec, partner.params[index]))
            elif spec.name in self.by_name:
                keys.append(self._join(node, index, blob, spec, self.by_name[spec.name]))
            else:
                keys.append(self._own(node, index, blob, spec))
        self.nodes.append(replace(node, params=tuple(keys)))

    def _own(self, node: Node, index: int, blob: ParamBlob, spec: ParamSpec) -> ParamKey:
        key = ParamKey(node.name, index)
        if key in self.params:
            raise UserError(
                f"two layers with parameters are called '{node.name}'",
                where=node.context.where.at("name"),
                wanted="weights are saved under the layer's name",
                do="Rename one of them.",
            )
        if not blob.learned and spec.lr_mult != 0 and spec.HasField("lr_mult"):
            raise node.context.error(
                f"lr_mult {spec.lr_mult:g} for parameter {index}",
                at=("param", index, "lr_mult"),
                wanted="this parameter is state which the layer updates by itself, not the solver",
                do="Set lr_mult to 0.",
            )
        self.params[key] = Param(
            key=key,
            name=spec.name,
            shape=blob.shape,
            filler=blob.filler,
            learned=blob.learned,
            lr_mult=spec.lr_mult if blob.learned else 0.0,
            decay_mult=spec.decay_mult if blob.learned else 0.0,
        )
        self.explicit[key] = {f for f in ("lr_mult", "decay_mult") if spec.HasField(f)}
        if spec.name:
            self.by_name[spec.name] = key
        return key

    def _join(
        self, node: Node, index: int, blob: ParamBlob, spec: ParamSpec, key: ParamKey
    ) -> ParamKey:
        owner = self.params[key]
        permissive = spec.share_mode == ParamSpec.PERMISSIVE
        same = blob.shape == owner.shape
        if permissive:
            same = BlobSpec(blob.shape).count == owner.count
        if not same:
            raise mismatch(
                # A layer may share with itself.
                next(n for n in (*self.nodes, node) if n.name == owner.layer),
                node,
                self.nodes,
                index,
                f"parameter {index} ('{owner.name}') is {blob.shape}",
                f"its owner, layer '{owner.layer}', has {owner.shape}, and a shared "
                f"parameter has one {'size' if permissive else 'shape'}",
            )
        changes: dict[str, float] = {}
        for name in ("lr_mult", "decay_mult"):
            if not spec.HasField(name):
                continue
            value = getattr(spec, name)
            if name in self.explicit[key] and value != getattr(owner, name):
                raise node.context.error(
                    f"{name} {value:g} for shared parameter '{owner.name}'",
                    at=("param", index, name),
                    wanted=f"its owner, layer '{owner.layer}', says {getattr(owner, name):g}",
                )
            self.explicit[key].add(name)
            changes[name] = value if owner.learned else 0.0
        sharers = (*owner.sharers, ParamKey(node.name, index))
        self.params[key] = replace(
            owner,
            sharers=sharers,
            lr_mult=changes.get("lr_mult", owner.lr_mult),
            decay_mult=changes.get("decay_mult", owner.decay_mult),
        )
        return key


def find_partner(layer: Layer, bottom: str, earlier: Sequence[Node]) -> Node | None:
    """The earlier layer whose parameters a layer takes over by its type (see Layer), if any."""
    blob = root_blob(bottom, earlier)
    for other in reversed(earlier):
        same = other.layer.type == layer.shares_params_with
        if same and root_blob(other.bottoms[0], earlier) == blob:
            return other
    return None


def _partner(node: Node, earlier: Sequence[Node]) -> Node | None:
    wanted = node.layer.shares_params_with
    if not wanted:
        return None
    partner = find_partner(node.layer, node.bottoms[0], earlier)
    if partner is None:
        blob = root_blob(node.bottoms[0], earlier)
        raise node.context.error(
            f"no earlier {wanted} layer reads bottom '{blob}'",
            at=("bottom", 0),
            wanted=f"its parameters are those of the {wanted} layer of the same bottom",
            do=f"Put a {wanted} layer with bottom '{blob}' before it.",
        )
    return partner


def splits_of(nodes: Sequence[Node]) -> dict[str, str]:
    """What each top of a Split layer is a copy of."""
    return {
        top: node.bottoms[0] for node in nodes if node.layer.type == "Split" for top in node.tops
    }


def root_blob(blob: str, nodes: Sequence[Node]) -> str:
    """The blob behind a chain of Split layers."""
    return behind_splits(blob, splits_of(nodes))


def behind_splits(blob: str, splits: Mapping[str, str]) -> str:
    """The same, by what splits_of gave: for those who ask for many blobs of one net."""
    while blob in splits:
        blob = splits[blob]
    return blob


def share(graph: Graph) -> Graph:
    """Give every node the keys of its parameters and list them with owners and sharers."""
    sharer = _Sharer()
    for node in graph.nodes:
        sharer.add(node)
    shared = sum(len(p.sharers) for p in sharer.params.values())
    note = f"share: {len(sharer.params)} parameters, {shared} more uses of them"
    return replace(
        graph, nodes=tuple(sharer.nodes), params=sharer.params, notes=(*graph.notes, note)
    )
