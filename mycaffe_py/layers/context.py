"""What a layer may look at while it is planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mycaffe_py.data.batch_feed import BatchFeed
from mycaffe_py.data.label_match import LearnedNames
from mycaffe_py.data.opening import RUNNING, Opening
from mycaffe_py.data.shards.cut import WHOLE, Cut
from mycaffe_py.errors import UserError
from mycaffe_py.layers.plan import BlobSpec, Shape
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter


@dataclass(frozen=True)
class LayerContext:
    """All that a layer may look at while it is planned.

    `stored` are the shapes of parameters that are known beforehand, from weights to be loaded.
    `learned` are, for a TEST net, the classes that the TRAIN net learns. `twins`: the layer stands
    for so many, whose rows lie one behind the other, and their gradients may cancel in the sum for
    the bias; 1 where it stands for itself. `opening`: whether code that the text names may run.
    `leader` fills the Data layer that this one is kept in step with. The rows of the bottoms are
    those of one shard of `cut`.
    """

    param: LayerParameter
    phase: int
    bottoms: tuple[BlobSpec, ...] = ()
    where: Locations = field(default_factory=Locations.none)
    stored: tuple[Shape, ...] | None = None
    seed: int = 0
    top_count: int = 1
    written: tuple[str, ...] = ()
    learned: LearnedNames = field(default_factory=dict)
    twins: int = 1
    opening: Opening = RUNNING
    leader: BatchFeed | None = None
    cut: Cut = WHOLE

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shapes of the bottoms."""
        return tuple(spec.shape for spec in self.bottoms)

    def error(
        self, found: str, *, at: Sequence[str | int] = (), wanted: str = "", do: str = ""
    ) -> UserError:
        """The user's mistake in this layer; `at` is the path of the field to blame.

        Blobs are called as the text has them (`written`), not by the names of their Splits.
        """
        texts = [f"layer '{self.param.name}' ({self.param.type}): {found}", wanted, do]
        for name, written in zip(self.param.bottom, self.written, strict=False):
            texts = [text.replace(f"'{name}'", f"'{written}'") for text in texts]
        return UserError(texts[0], where=self.where.at(*at), wanted=texts[1], do=texts[2])

    def axis(self, axis: int, at: Sequence[str | int] = (), bottom: int = 0) -> int:
        """`axis` of a bottom as a number from 0, negative ones counted from the end."""
        ndim = len(self.bottoms[bottom].shape)
        if not -ndim <= axis < ndim:
            name = self.param.bottom[bottom]
            raise self.error(
                f"axis {axis} does not exist",
                at=at,
                wanted=f"bottom '{name}' is {self.bottoms[bottom].shape}, "
                f"so axes run from {-ndim} to {ndim - 1}",
            )
        return axis % ndim
