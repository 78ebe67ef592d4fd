"""What a layer works on while it runs: its arrays, its facts, the number of the batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic

import numpy as np

from mycaffe_py.data.shards.cut import WHOLE, Cut
from mycaffe_py.layers.context import LayerContext
from mycaffe_py.layers.plan import Array, Facts, Shape
from mycaffe_py.random_streams import stream


@dataclass
class RunState:
    """What changes from one forward to the next; all layers of a net share it.

    `unlearned` are the labels of classes that a TEST net measures and its TRAIN net has not
    learned: an accuracy leaves them out. The net works on part number `shard` of batches that `cut`
    divides. `weights_version` counts the states of the weights that the net is told of; at 0 they
    may be others in each forward.
    """

    seed: int = 0
    batch_number: int = 0
    unlearned: frozenset[int] = frozenset()
    cut: Cut = WHOLE
    shard: int = 0
    weights_version: int = 0

    @property
    def fed(self) -> int:
        """The number under which a feed knows this batch, or this shard of it."""
        return self.cut.number(self.batch_number, self.shard)

    @property
    def learns_later(self) -> bool:
        """Whether the state of layers waits in forward for all shards (Layer.observed)."""
        return self.cut.shards > 1


class LayerIO(Generic[Facts]):
    """The arrays a layer works on, handed in by the engine.

    `dbottoms[i]` and `dparams[i]` are None where nobody needs that gradient: backward skips it.
    Bottom gradients are overwritten, parameter gradients are added to.

    Three members are the engine's (engine/step.py): `new_top` gives the array of a top that gets
    another shape, `after_forward` is called when the layer's forward is done, and `may_rest` says
    that bottoms may have no rows.
    """

    __slots__ = (
        "after_forward",
        "bottoms",
        "context",
        "dbottoms",
        "dparams",
        "dtops",
        "facts",
        "may_rest",
        "new_top",
        "params",
        "run",
        "scratch",
        "tops",
    )

    def __init__(self, context: LayerContext, facts: Facts, run: RunState) -> None:
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
        self.new_top: Callable[[int, Shape], Array] | None = None
        self.after_forward: Callable[[], None] | None = None
        self.may_rest = False

    def resize(self, top: int, shape: Shape) -> Array:
        """Give a varying top the shape it has in this batch, in forward; returns its array.

        What the array holds is not defined. Once this layer's forward is done, the net plans
        what follows for that shape. Outside a net (`new_top` None) it is a fresh array.
        """
        if self.tops[top].shape != shape:
            dtype = self.tops[top].dtype
            self.tops[top] = self.new_top(top, shape) if self.new_top else np.zeros(shape, dtype)
        return self.tops[top]

    @property
    def phase(self) -> int:
        """Phase the net was compiled for."""
        return self.context.phase

    def stream(self, purpose: str) -> np.random.Generator:
        """Random numbers for this layer and batch, the same however often it is asked.

        Each shard of a batch has its own.
        """
        name = f"{purpose}/{self.context.param.name}"
        part = (self.run.shard,) if self.run.cut.shards > 1 else ()
        return stream(self.run.seed, name, self.run.batch_number, *part)
