"""What a layer is: declared ports and flags, a pure plan, a forward, a backward.

Letters used in every layer and kernel:
N rows (items of a batch), C channels, H W pixels, K outputs, D features, T steps, L labels;
x bottom, y top, w weight, b bias, d... the gradient of the loss with respect to ....
A pair is similar when its flag is 1 and different when it is 0, everywhere.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Generic, Literal

from mycaffe_py.errors import UserError
from mycaffe_py.kernels.sharing import Call
from mycaffe_py.layers.context import LayerContext as LayerContext
from mycaffe_py.layers.count import ANY as ANY
from mycaffe_py.layers.count import NONE as NONE
from mycaffe_py.layers.count import ONE as ONE
from mycaffe_py.layers.count import TWO as TWO
from mycaffe_py.layers.count import Count as Count
from mycaffe_py.layers.layer_io import LayerIO as LayerIO
from mycaffe_py.layers.layer_io import RunState as RunState
from mycaffe_py.layers.plan import Array as Array
from mycaffe_py.layers.plan import BlobSpec as BlobSpec
from mycaffe_py.layers.plan import Facts as Facts
from mycaffe_py.layers.plan import LayerPlan as LayerPlan
from mycaffe_py.layers.plan import ParamBlob as ParamBlob
from mycaffe_py.layers.plan import Scratch as Scratch
from mycaffe_py.layers.plan import Shape as Shape
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter
from mycaffe_py.registry import Registry


class Layer(ABC, Generic[Facts]):
    """Base of all layers: stateless code that owns no array.

    A layer whose plan resolves options into facts is a `Layer[ItsFacts]`, so that their types are
    known in forward and backward; one without facts is a plain `Layer`.

    The flags are promises that the compiler, the solver and the commands rely on; none of them
    asks for the name of a type. What a layer computes:
    * `backward_reads` names what backward looks at besides gradients ("bottoms", "tops", "params",
      "scratch"); the rest may be gone by then.
    * `no_gradient` lists the bottoms that never receive a gradient (labels), -1 being the last.
    * `may_be_in_place`: forward and backward are right where a top takes its bottom's place;
      `forward_in_place`: forward alone is.
    * `is_linear`: it only adds and multiplies by what does not depend on its bottoms, or hands
      values on, so that gradients of opposite sign stay so on their way back.
    * `shares_params_with` names a layer type: unless told otherwise by `param` names, the
      parameters are those of the nearest earlier layer of that type with the same bottom 0.

    What a layer is for:
    * `is_loss`: its first top counts towards the net's loss, with weight 1 unless the text says
      otherwise. `takes_logarithm`: of a probability, which counts as FLT_MIN where it is less.
    * `measures`: its first top is a rate that tells how good a net is; it has no gradient.
    * `judges`: what the labels mean to it: "pairs" are alike or not, or a row has a "class".
    * `answers`: each row of its first top has a value for each label: "distances", the squared
      ones to the centroids that are its parameters, the smallest being the answer; "scores", the
      largest being the answer; or "votes" of remembered rows, the largest being the answer.
    * `runs_as` and `bottoms_in_run`: the type that takes its place in a RUN net, which has no
      labels, and how many of its first bottoms are left there.
    """

    type: ClassVar[str]
    spellings: ClassVar[tuple[str, ...]] = ()
    bottom_count: ClassVar[Count] = ONE
    top_count: ClassVar[Count] = ONE
    tops_match_bottoms: ClassVar[bool] = False
    is_loss: ClassVar[bool] = False
    takes_logarithm: ClassVar[bool] = False
    measures: ClassVar[bool] = False
    judges: ClassVar[Literal["", "pairs", "class"]] = ""
    answers: ClassVar[Literal["", "distances", "scores", "votes"]] = ""
    runs_as: ClassVar[str] = ""
    bottoms_in_run: ClassVar[int | None] = None
    is_linear: ClassVar[bool] = False
    may_be_in_place: ClassVar[bool] = False
    forward_in_place: ClassVar[bool] = False
    rows_independent: ClassVar[bool] = False
    has_backward: ClassVar[bool] = True
    no_gradient: ClassVar[tuple[int, ...]] = ()
    backward_reads: ClassVar[tuple[str, ...]] = ()
    shares_params_with: ClassVar[str] = ""
    example: ClassVar[tuple[Shape, ...]] = ()

    @abstractmethod
    def plan(self, ctx: LayerContext) -> LayerPlan[Facts]:
        """Shapes and options for these bottoms; raises UserError where they cannot be."""

    def plan_again(self, ctx: LayerContext, before: LayerPlan[Facts]) -> LayerPlan[Facts]:
        """The plan for bottoms of other shapes; `before` is the one that holds until now."""
        return self.plan(ctx)

    def keeps_rows_apart(self, ctx: LayerContext) -> bool:
        """`rows_independent`, where that depends on the text."""
        return self.rows_independent

    def gives_gradient(self, bottom: int, count: int) -> bool:
        """Whether bottom number `bottom` of `count` can get a gradient."""
        return self.has_backward and not {bottom, bottom - count} & set(self.no_gradient)

    def brings_data(self, param: LayerParameter) -> bool:
        """Whether it brings batches in, or arranges them: a RUN net does without it."""
        return not param.bottom

    def compares(self, facts: Facts) -> int:
        """How many of its first bottoms it compares with each other; 0 where it compares none."""
        return 0

    def looks_for(self, facts: Facts) -> str:
        """What of the values that `backward_reads` names backward needs (layers/in_place.py)."""
        return "values"

    def kept_in_place(self, facts: Facts) -> tuple[str, ...]:
        """What of x is still to be seen where y has taken its place (layers/in_place.py)."""
        return ()

    def gradient_lost_in_place(self, ctx: LayerContext) -> UserError | None:
        """The error for options with which the gradient is lost in place, if these are such."""
        return None

    def mean_of(self, io: LayerIO[Facts]) -> float | None:
        """Of how many things the first top is the mean, right after forward; None: it is a sum.

        Shards of a batch join their losses and rates by it. Usually rows.
        """
        return len(io.bottoms[0]) if io.bottoms and io.bottoms[0].ndim else 1

    def observed(self, io: LayerIO[Facts]) -> tuple[Array, ...]:
        """What `learn` takes of this batch, right after forward; () if no state learns from it.

        A layer with state leaves it alone in a forward with `io.run.learns_later`: once all shards
        are through, it learns from what each of them has observed.
        """
        return ()

    def learn(self, io: LayerIO[Facts], observed: Sequence[tuple[Array, ...]]) -> None:
        """Change the state by what the shards of a batch have observed, in their order."""

    @abstractmethod
    def forward(self, io: LayerIO[Facts]) -> None:
        """Write every element of every top."""

    def calls(self, io: LayerIO[Facts]) -> Sequence[Call] | None:
        """The kernels that make up forward, with their arguments; None where it does more.

        The net calls them again and again as long as `io` keeps its arrays (engine/program.py), so
        they must not depend on the batch, on `io.run` or on what arrays hold.
        """
        return None

    def prepare(self, io: LayerIO[Facts]) -> None:
        """Make what `calls` read of the weights; the net has it done at the start of a forward."""

    def backward(self, io: LayerIO[Facts]) -> None:
        """Overwrite the bottom gradients and add to the parameter gradients, from `io.dtops`."""
        raise NotImplementedError(f"{self.type} has no backward")


layer_types: Registry[Layer] = Registry("layer type", "mycaffe_py.layers")


def register(cls: type[Layer]) -> type[Layer]:
    """Class decorator: make a layer known under its type and its other spellings."""
    layer_types.add(cls.type, cls())
    for spelling in cls.spellings:
        layer_types.alias(spelling, cls.type)
    return cls
