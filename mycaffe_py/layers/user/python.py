"""Python: a layer whose code is the user's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mycaffe_py.layers.base import (
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    ParamBlob,
    register,
)
from mycaffe_py.layers.user.python_blob import Blob
from mycaffe_py.layers.user.python_object import PythonFacts as PythonFacts
from mycaffe_py.layers.user.python_object import in_place, make_object


@register
class Python(Layer[PythonFacts]):
    """Does what a class of the user's does: data, a loss, anything numpy can.

    Formula:
        y = forward(x), dx = backward(dy), as the class has it.
    Shapes:
        any number of bottoms and of tops; the class gives the tops their shapes, in each
        batch anew if it likes. Parameters are those it adds in setup.
    Source:
        As in Caffe: python_param names module and class; param_str and phase are set, then come
        setup(bottom, top), and in each batch reshape(bottom, top), forward(bottom, top) and
        backward(top, propagate_down, bottom). The module is looked for in the folder of the net's
        text and in the current folder first. Its random numbers do not follow the seed, and what
        the object remembers is in no snapshot.
    Example:
        layer {
          name: "mine" type: "Python" bottom: "x" bottom: "t" top: "y"
          python_param { module: "my_layers" layer: "Mine" param_str: "2.5" }
        }
    """

    type = "Python"
    bottom_count = Count(0, None)
    top_count = Count(0, None)
    may_be_in_place = True
    backward_reads = ("bottoms", "tops", "params", "scratch")
    example = ((3, 2), (3, 2))

    def plan(self, ctx: LayerContext) -> LayerPlan[PythonFacts]:
        """Make the object, call its setup, and let it give the tops their shapes."""
        made = make_object(ctx)
        made.call(ctx, "setup", list(made.bottoms), list(made.tops))
        made.call(ctx, "reshape", list(made.bottoms), list(made.tops))
        over = in_place(ctx)
        return LayerPlan(
            tops=_shapes(made.tops),
            params=tuple(ParamBlob(b.shape, first=b.data.copy()) for b in made.layer.blobs),
            facts=made,
            varying=tuple(i for i in range(len(made.tops)) if i not in over),
        )

    def plan_again(
        self, ctx: LayerContext, before: LayerPlan[PythonFacts]
    ) -> LayerPlan[PythonFacts]:
        """Ask the object that exists for the shapes of its tops."""
        made: PythonFacts = before.facts
        for blob, shape in zip(made.bottoms, ctx.shapes, strict=True):
            blob.forget(shape)
        for index in before.varying:
            made.tops[index].forget(made.tops[index].shape)
        made.call(ctx, "reshape", list(made.bottoms), list(made.tops))
        return replace(before, tops=_shapes(made.tops))

    def forward(self, io: LayerIO[PythonFacts]) -> None:
        """Call the object's reshape, then its forward."""
        io.facts.forward(io)

    def backward(self, io: LayerIO[PythonFacts]) -> None:
        """Call the object's backward, with a flag for each gradient that is wanted."""
        io.facts.backward(io)


def _shapes(tops: Sequence[Blob]) -> tuple[BlobSpec, ...]:
    return tuple(BlobSpec(blob.shape) for blob in tops)
