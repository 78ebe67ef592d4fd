"""What a layer's `plan` says: shapes, parameters, scratch, facts; no array."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, cast

from mycaffe_py.array_types import Array as Array
from mycaffe_py.array_types import Shape as Shape
from mycaffe_py.proto.mycaffe_pb2 import FillerParameter

# The type of a layer's facts; a layer without facts does not name one.
if TYPE_CHECKING:
    from typing_extensions import TypeVar

    Facts = TypeVar("Facts", default=Any)
else:
    # Type variables have defaults from Python 3.13 on; mypy knows them already.
    from typing import TypeVar

    Facts = TypeVar("Facts")


@dataclass(frozen=True)
class BlobSpec:
    """What is known of a blob before any array exists.

    `label_count` > 0 says that the blob holds labels 0 ... label_count - 1, and `labels` which of
    these there are; () where that is not known.
    """

    shape: Shape
    label_count: int = 0
    labels: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        """Number of elements; 1 for a scalar."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class ParamBlob:
    """A parameter a layer owns. `learned` False marks state (means, centroids): never updated.

    `first` are its first values where the layer, not a filler, has them.
    """

    shape: Shape
    filler: FillerParameter = field(default_factory=FillerParameter)
    learned: bool = True
    first: Array | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Scratch:
    """An array that a layer needs beside its blobs, for instance from forward to backward.

    dtype None is the net's. `shape_of` gives a shape that depends on the net's dtype (lanes of a
    vector). `use`: "kept" for ever, "through" the batch, or within "backward" only; "carried" is
    kept from batch to batch and saved with the solver's state, so that a resumed run goes on with
    it.
    """

    shape: Shape = ()
    dtype: Any = None
    shape_of: Callable[[Any], Shape] | None = None
    use: Literal["through", "backward", "kept", "carried"] = "through"

    @property
    def lasts(self) -> bool:
        """Whether what it holds is needed by later batches."""
        return self.use in ("kept", "carried")

    def shape_for(self, dtype: Any) -> Shape:
        """The shape in a net of `dtype`."""
        return self.shape if self.shape_of is None else self.shape_of(dtype)


@dataclass(frozen=True)
class LayerPlan(Generic[Facts]):
    """What `plan` says of a layer: shapes and resolved options, no array.

    `views` maps a top to the bottom whose memory it shows under another shape; with
    `views_gradient` the gradient is shared likewise and backward has nothing to copy.
    `facts` is whatever forward and backward need, resolved once (a frozen dataclass).
    `unread` are bottoms whose values this layer's backward does not look at, whatever its class
    declares, because a copy is kept or the options make the gradient depend on dy alone.
    `varying` are the tops whose shape only forward knows: `tops` has the shape they start with.
    """

    tops: tuple[BlobSpec, ...] = ()
    params: tuple[ParamBlob, ...] = ()
    scratch: Mapping[str, Scratch] = field(default_factory=dict)
    facts: Facts = field(default=cast(Any, None))
    views: Mapping[int, int] = field(default_factory=dict)
    views_gradient: bool = False
    unread: tuple[int, ...] = ()
    varying: tuple[int, ...] = ()
