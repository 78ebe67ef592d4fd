"""Floor 3. What a layer is: declared ports and flags, a pure plan, a forward, a backward.

Letters used in every layer and kernel:
N rows (items of a batch), C channels, H W pixels, K outputs, D features, T steps, L labels;
x bottom, y top, w weight, b bias, d... the gradient of the loss with respect to ....
A pair is similar when its flag is 1 and different when it is 0, everywhere.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from mycaffe_py.data.label_match import LearnedNames
from mycaffe_py.data.opening import RUNNING, Opening
from mycaffe_py.errors import UserError
from mycaffe_py.layers.count import ANY as ANY
from mycaffe_py.layers.count import NONE as NONE
from mycaffe_py.layers.count import ONE as ONE
from mycaffe_py.layers.count import TWO as TWO
from mycaffe_py.layers.count import Count as Count
from mycaffe_py.layers.plan import Array as Array
from mycaffe_py.layers.plan import BlobSpec as BlobSpec
from mycaffe_py.layers.plan import LayerPlan as LayerPlan
from mycaffe_py.layers.plan import ParamBlob as ParamBlob
from mycaffe_py.layers.plan import Scratch as Scratch
from mycaffe_py.layers.plan import Shape as Shape
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter
from mycaffe_py.random_streams import stream
from mycaffe_py.registry import Registry


@dataclass(frozen=True)
class LayerContext:
    """All a layer may look at while planning; `stored`: parameter shapes known beforehand.

    `learned` are, for a TEST net, the classes that the TRAIN net learns.
    `twins`: of how many layers it stands for, their rows one behind the other, the gradients may
    cancel in the sum for the bias; 1 is none. `opening`: what planning may do besides.
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

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The bottoms'."""
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


@dataclass
class RunState:
    """What changes from one forward to the next: shared by all layers of a net.

    `unlearned` are the labels of classes that a TEST net measures and its TRAIN net never learned:
    an accuracy passes over them.
    """

    seed: int = 0
    batch_number: int = 0
    unlearned: frozenset[int] = frozenset()


class LayerIO:
    """The arrays a layer works on, handed in by the engine.

    `dbottoms[i]` and `dparams[i]` are None where nobody needs that gradient: backward skips it.
    Bottom gradients are overwritten, parameter gradients are added to.
    """

    __slots__ = (
        "bottoms",
        "context",
        "dbottoms",
        "dparams",
        "dtops",
        "facts",
        "params",
        "room",
        "run",
        "scratch",
        "tops",
    )

    def __init__(self, context: LayerContext, facts: Any, run: RunState) -> None:
        """Start without arrays: the engine fills in the lists."""
        self.context = context
        self.facts = facts
        self.run = run
        self.bottoms: list[Array] = []
        self.tops: list[Array] = []
        self.dbottoms: list[Array | None] = []
        self.dtops: list[Array] = []
        self.params: list[Array] = []
        self.dparams: list[Array | None] = []
        self.scratch: dict[str, Array] = {}
        self.room: Callable[[int, Shape], Array] | None = None

    def resize(self, top: int, shape: Shape) -> Array:
        """Give a varying top the shape it has in this batch, in forward; returns its array.

        The array holds whatever the memory held. Once this layer's forward is done, the net plans
        what follows for that shape. Outside a net (`room` None) it is a fresh array.
        """
        if self.tops[top].shape != shape:
            dtype = self.tops[top].dtype
            self.tops[top] = self.room(top, shape) if self.room else np.zeros(shape, dtype)
        return self.tops[top]

    @property
    def phase(self) -> int:
        """Phase the net was compiled for."""
        return self.context.phase

    def stream(self, purpose: str) -> np.random.Generator:
        """Random numbers for this layer and batch, the same however often it is asked."""
        name = f"{purpose}/{self.context.param.name}"
        return stream(self.run.seed, name, self.run.batch_number)


class Layer(ABC):
    """Base of all layers: stateless code that owns no array.

    The flags are promises the compiler relies on. `backward_reads` names what backward looks at
    besides gradients ("bottoms", "tops", "params", "scratch"); the rest may be gone by then.
    `may_be_in_place`: forward and backward are right where a top takes its bottom's place;
    `forward_in_place`: forward alone is.
    `no_gradient` lists the bottoms that never receive a gradient (labels), -1 being the last.
    `shares_params_with` names a layer type: unless told otherwise by `param` names, the parameters
    are those of the nearest earlier layer of that type with the same bottom 0.
    """

    type: ClassVar[str]
    spellings: ClassVar[tuple[str, ...]] = ()
    bottom_count: ClassVar[Count] = ONE
    top_count: ClassVar[Count] = ONE
    tops_match_bottoms: ClassVar[bool] = False
    is_loss: ClassVar[bool] = False
    may_be_in_place: ClassVar[bool] = False
    forward_in_place: ClassVar[bool] = False
    rows_independent: ClassVar[bool] = False
    has_backward: ClassVar[bool] = True
    no_gradient: ClassVar[tuple[int, ...]] = ()
    backward_reads: ClassVar[tuple[str, ...]] = ()
    shares_params_with: ClassVar[str] = ""
    example: ClassVar[tuple[Shape, ...]] = ()

    @abstractmethod
    def plan(self, ctx: LayerContext) -> LayerPlan:
        """Shapes and options for these bottoms; raises UserError where they cannot be."""

    def plan_again(self, ctx: LayerContext, before: LayerPlan) -> LayerPlan:
        """The plan for bottoms of other shapes; `before` is the one that holds until now."""
        return self.plan(ctx)

    def keeps_rows_apart(self, ctx: LayerContext) -> bool:
        """`rows_independent`, where that depends on the text."""
        return self.rows_independent

    def gives_gradient(self, bottom: int, count: int) -> bool:
        """Whether bottom number `bottom` of `count` can get a gradient."""
        return self.has_backward and not {bottom, bottom - count} & set(self.no_gradient)

    def looks_for(self, facts: Any) -> str:
        """What of the values that `backward_reads` names backward needs (layers/in_place.py)."""
        return "values"

    def kept_in_place(self, facts: Any) -> tuple[str, ...]:
        """What of x is still to be seen where y has taken its place (layers/in_place.py)."""
        return ()

    def gradient_lost_in_place(self, ctx: LayerContext) -> UserError | None:
        """The error for options with which the gradient is lost in place, if these are such."""
        return None

    @abstractmethod
    def forward(self, io: LayerIO) -> None:
        """Write every element of every top."""

    def backward(self, io: LayerIO) -> None:
        """Overwrite the bottom gradients and add to the parameter gradients, from `io.dtops`."""
        raise NotImplementedError(f"{self.type} has no backward")


layer_types: Registry[Layer] = Registry("layer type", "mycaffe_py.layers")


def register(cls: type[Layer]) -> type[Layer]:
    """Class decorator: make a layer known under its type and its other spellings."""
    layer_types.add(cls.type, cls())
    for spelling in cls.spellings:
        layer_types.alias(spelling, cls.type)
    return cls
