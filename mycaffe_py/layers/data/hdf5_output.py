"""HDF5Output: blobs written to a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mycaffe_py.data.caffe_stores.hdf5_writing import Hdf5Writer
from mycaffe_py.layers.base import (
    NONE,
    TWO,
    Array,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Shape,
    register,
)
from mycaffe_py.printable import shown

_AXES = 4


@dataclass(frozen=True)
class HDF5OutputFacts:
    """The writer of the file."""

    writer: Hdf5Writer


@register
class HDF5Output(Layer[HDF5OutputFacts]):
    """Writes its two bottoms to the datasets "data" and "label" of an HDF5 file.

    Formula:
        no top and no gradient.
    Shapes:
        data x (N, ...), label t (N, ...), each of at most four axes; both are written with four,
        missing ones as 1.
    Source:
        As in Caffe, where a second forward fails because the datasets are there already. Here each
        forward adds its rows; the first one makes the file anew.
    Example:
        layer {
          name: "out" type: "HDF5Output" bottom: "x" bottom: "t"
          hdf5_output_param { file_name: "out.h5" }
        }
    """

    type = "HDF5Output"
    bottom_count = TWO
    top_count = NONE
    has_backward = False
    no_gradient = (0, 1)
    example = ((2, 3), (2,))

    def plan(self, ctx: LayerContext) -> LayerPlan[HDF5OutputFacts]:
        """Check the shapes; the file is not touched until there is something to write."""
        name = ctx.param.hdf5_output_param.file_name
        if not name:
            raise ctx.error("file_name is missing", at=("hdf5_output_param",))
        if "\0" in name:
            # HDF5 would end the name there, and write another file.
            at = ("hdf5_output_param", "file_name")
            raise ctx.error(f"file_name '{shown(name)}' is no file name", at=at)
        data, label = ctx.shapes
        for bottom, shape in zip(ctx.param.bottom, ctx.shapes, strict=True):
            if not 1 <= len(shape) <= _AXES:
                raise ctx.error(f"bottom '{bottom}' is {shape}", wanted="one to four axes")
        if data[0] != label[0]:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {data} and '{ctx.param.bottom[1]}' {label}",
                wanted="as many rows in one as in the other",
            )
        where = ctx.where.at("hdf5_output_param", "file_name")
        return LayerPlan(facts=HDF5OutputFacts(Hdf5Writer(Path(name), where)))

    def plan_again(
        self, ctx: LayerContext, before: LayerPlan[HDF5OutputFacts]
    ) -> LayerPlan[HDF5OutputFacts]:
        """Check the new shapes; the file stays the one that was begun."""
        return replace(self.plan(ctx), facts=before.facts)

    def forward(self, io: LayerIO[HDF5OutputFacts]) -> None:
        """Add the rows to the file."""
        if not io.run.learns_later:
            self.learn(io, [self.observed(io)])

    def observed(self, io: LayerIO[HDF5OutputFacts]) -> tuple[Array, ...]:
        """The rows."""
        return tuple(x.reshape(_four(x)) for x in io.bottoms)

    def learn(self, io: LayerIO[HDF5OutputFacts], observed: Sequence[tuple[Array, ...]]) -> None:
        """Add the rows of all shards to the file; of several processes the first one does."""
        for data, label in observed if io.run.cut.first == 0 else ():
            io.facts.writer.append({"data": data, "label": label})


def _four(x: Array) -> Shape:
    return x.shape + (1,) * (_AXES - x.ndim)
