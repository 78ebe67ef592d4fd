"""What the BatchNorm layers of a net normalise by, told to people."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.graph.param_key import ParamKey
from mycaffe_py.layers.base import Array
from mycaffe_py.layers.normalization.batch_norm import BatchNorm, BatchNormFacts
from mycaffe_py.proto.blob import StoredBlob
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter

# When the factor is this near to its end, it no longer tells how many batches it took.
_FULL = 0.9999


@dataclass(frozen=True)
class Normalization:
    """A BatchNorm layer: the keys of its mean, variance and factor, and its facts."""

    name: str
    params: tuple[ParamKey, ...]
    facts: BatchNormFacts


def normalizations(graph: Graph) -> list[Normalization]:
    """The BatchNorm layers of a graph in order, also those inside fused ones."""
    nodes: list[Node] = list(graph.nodes)
    for parts in graph.fused.values():
        nodes += [node for node in parts if node not in nodes]
    return [
        Normalization(node.name.split(" + ")[0], node.params[:3], node.plan.facts)
        for node in nodes
        if isinstance(node.layer, BatchNorm)
    ]


def batches_seen(factor: float, fraction: float) -> float:
    """Batches behind running statistics of this factor; inf where it has reached its end.

    factor = 1 + fraction + fraction^2 + ..., one term a batch.
    """
    if fraction == 1:
        return factor
    share = factor * (1 - fraction)
    return math.inf if share >= _FULL else math.log1p(-share) / math.log(fraction)


def normalization_notes(
    graph: Graph, weights: Mapping[str, list[Array]] | None = None
) -> list[str]:
    """A line for each BatchNorm layer; `weights`, by layer, tell how many batches it has seen."""
    notes = []
    for found in normalizations(graph):
        facts = found.facts
        owner = found.params[0].layer
        stored = (weights or {}).get(owner, [])
        seen = _seen(stored, facts) if len(stored) >= 3 else ""
        if facts.stored:
            note = f"normalises by its running statistics, not by the batch{seen}"
        else:
            values = facts.blocks[0] * facts.blocks[2]
            memory = "all batches alike" if facts.fraction == 1 else _memory(facts.fraction)
            note = (
                f"normalises by mean and variance of each batch ({values:,} values a channel), "
                f"which enter its running statistics: {memory}{seen}"
            )
        notes.append(f"{found.name} (BatchNorm) {note}")
    return notes


def unseen_statistics(
    layers: Iterable[LayerParameter], weights: Mapping[str, Sequence[StoredBlob]]
) -> str:
    """Why a net that only runs may give values that are not finite, and what to do; else "".

    A BatchNorm layer whose running statistics have seen no batch (they are 0) divides by the root
    of eps alone, so that values grow from layer to layer.
    """
    unseen = [
        layer.name
        for layer in layers
        if layer.type == "BatchNorm"
        and (layer.batch_norm_param.use_global_stats or not _decides(layer))
        and _is_unseen(weights.get(layer.name, ()))
    ]
    if not unseen:
        return ""
    more = f" and {len(unseen) - 1} more" if len(unseen) > 1 else ""
    return (
        f"BatchNorm layer '{unseen[0]}'{more} has no running statistics: they have seen no batch, "
        "so mean and variance are 0 and values grow beyond all bounds. Take trained weights."
    )


def _decides(layer: LayerParameter) -> bool:
    return layer.batch_norm_param.HasField("use_global_stats")


def _is_unseen(blobs: Sequence[StoredBlob]) -> bool:
    return len(blobs) >= 3 and not np.ravel(blobs[2].array)[0]


def _memory(fraction: float) -> str:
    """How far back statistics of this moving_average_fraction reach."""
    return (
        f"about the last {1 / (1 - fraction):,.0f} batches (moving_average_fraction {fraction:g})"
    )


def _seen(stored: list[Array], facts: BatchNormFacts) -> str:
    factor = float(np.ravel(stored[2])[0])
    if factor == 0:
        return (
            "; these have seen no batch, so mean and variance are 0 and values are divided by "
            f"{math.sqrt(facts.eps):.2g}"
        )
    count = batches_seen(factor, facts.fraction)
    if math.isinf(count):
        least = math.log(1 - _FULL) / math.log(facts.fraction)
        return f"; these have seen {least:,.0f} batches or more (scale factor {factor:.6g}, full)"
    return f"; these have seen {count:,.0f} batches (scale factor {factor:.6g})"
