"""The net as the compiler sees it: frozen nodes, blobs and parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mycaffe_py.graph.param_key import ParamKey
from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerPlan, Shape
from mycaffe_py.layers.blocked.place import Place
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import FillerParameter, LayerParameter

Lifetime = tuple[int, int]


@dataclass(frozen=True)
class Located:
    """A layer's text together with where it stands."""

    param: LayerParameter
    where: Locations


@dataclass(frozen=True)
class Param:
    """A parameter blob: who owns it and how the solver treats it.

    `key` is that of the owner, `name` the one under which others may share it, `sharers` are the
    keys of those that do. `gradient` says whether backward adds to its gradient.
    """

    key: ParamKey
    name: str
    shape: Shape
    filler: FillerParameter
    learned: bool
    lr_mult: float = 1.0
    decay_mult: float = 1.0
    sharers: tuple[ParamKey, ...] = ()
    gradient: bool = True

    @property
    def layer(self) -> str:
        """The layer that owns it."""
        return self.key.layer

    @property
    def index(self) -> int:
        """Its place among the parameters of its owner."""
        return self.key.number

    @property
    def keys(self) -> tuple[ParamKey, ...]:
        """The owner's key and those of the sharers."""
        return (self.key, *self.sharers)

    @property
    def count(self) -> int:
        """Number of values."""
        return BlobSpec(self.shape).count


@dataclass(frozen=True)
class Rows:
    """Rows `start` to `start + count` of a stacked blob: where a blob lives after a merge."""

    blob: str
    start: int
    count: int


@dataclass(frozen=True)
class Node:
    """One layer of the graph. `params` are keys of the owners; flags are set by the passes."""

    name: str
    layer: Layer
    context: LayerContext
    plan: LayerPlan
    bottoms: tuple[str, ...]
    tops: tuple[str, ...]
    loss_weights: tuple[float, ...]
    params: tuple[ParamKey, ...] = ()
    propagate: tuple[bool, ...] = ()
    param_gradients: tuple[bool, ...] = ()
    backward: bool = False

    @property
    def in_place(self) -> tuple[bool, ...]:
        """For each top, whether it is written over the bottom at the same index."""
        return tuple(
            i < len(self.bottoms) and self.bottoms[i] == top for i, top in enumerate(self.tops)
        )

    @property
    def has_loss(self) -> bool:
        """Whether a top counts towards the net's loss."""
        return any(self.loss_weights)


@dataclass(frozen=True)
class Unknown:
    """A layer of unknown shapes: only code that may not run could tell them.

    Layers that read what such a layer makes are of unknown shapes, too.

    `place` is the number of the node it stands before; `why` is told of the first of them.
    """

    name: str
    type: str
    bottoms: tuple[str, ...]
    tops: tuple[str, ...]
    place: int
    why: str = ""


@dataclass(frozen=True)
class Graph:
    """A compiled net.

    `rows` says which blobs are rows of stacked ones (memory is shared). `fused` gives the plain
    nodes that make a blob which exists inside a fused layer only. `blocked` are the blobs whose
    values lie in blocked storage (kernels/conv_pool/blocks.py), `channels` those that lie in blocks
    of channels (kernels/blocked), each with where. `lifetimes` are the times at which
    gradients and scratch arrays need their memory (graph/passes/memory.py). `notes` tells what each
    pass did, `differences` where branches that share weights are not alike (graph/branches.py),
    `unknown` the layers that are left out as nobody knows their shapes. The passes counted on the
    shapes that the layers named in `settled` have at first; for others there is the `plain` graph.
    """

    name: str
    phase: int
    nodes: tuple[Node, ...]
    blobs: Mapping[str, BlobSpec]
    params: Mapping[ParamKey, Param]
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    rows: Mapping[str, Rows] = field(default_factory=dict)
    fused: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)
    blocked: frozenset[str] = frozenset()
    channels: Mapping[str, Place] = field(default_factory=dict)
    lifetimes: Mapping[str, tuple[Lifetime, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    plain: Graph | None = None
    settled: frozenset[str] = frozenset()

    def node(self, name: str) -> Node:
        """The last layer of that name, as Caffe resolves names."""
        return next(node for node in reversed(self.nodes) if node.name == name)

    def consumers(self, blob: str) -> Iterator[tuple[int, int]]:
        """(node number, bottom number) of everything that reads `blob`."""
        for number, node in enumerate(self.nodes):
            for index, bottom in enumerate(node.bottoms):
                if bottom == blob:
                    yield number, index
