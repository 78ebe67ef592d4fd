"""Where the time of a training step goes: layer by layer, and the step as a whole."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.operations import arithmetic, arithmetic_done
from mycaffe_py.layers.base import Array

WARM_UP = 3
Update = Callable[[int], None]


@dataclass(frozen=True)
class LayerTime:
    """One layer of the graph, plain or fused: medians in ms and its floating-point operations.

    `backward_ms` is None where it does not run backward. `forward_flop` and `backward_flop` count
    every product of direct loops; `..._done` those that the kernels really take for the same
    results, never more (graph/operations.py).
    """

    name: str
    type: str
    forward_ms: float
    backward_ms: float | None
    forward_flop: int
    backward_flop: int
    forward_done: int
    backward_done: int

    @property
    def total_ms(self) -> float:
        """Forward and backward."""
        return self.forward_ms + (self.backward_ms or 0.0)


@dataclass(frozen=True)
class NetMemory:
    """Bytes of a net's arrays, by what they hold.

    NetMemory that several arrays show counts once, in each line and in `total`; where gradients and
    scratch take turns in one place, `total` is less than the sum of its parts.
    """

    blobs: int
    gradients: int
    scratch: int
    parameters: int
    total: int


@dataclass(frozen=True)
class Timing:
    """Medians of `iterations` steps in ms.

    `step_ms` is a whole step by one clock; the parts have their own clocks, so that they need not
    add up to it. `data_ms` is what the step waited for its data; what is made in the background
    meanwhile does not count. None: not part of this step.
    """

    iterations: int
    layers: tuple[LayerTime, ...]
    step_ms: float
    data_ms: float
    forward_ms: float
    backward_ms: float | None
    update_ms: float | None
    memory: NetMemory

    @property
    def flop(self) -> int:
        """Counted operations of a step, by direct loops."""
        return sum(layer.forward_flop + layer.backward_flop for layer in self.layers)

    @property
    def flop_done(self) -> int:
        """Counted operations of a step that are really done."""
        return sum(layer.forward_done + layer.backward_done for layer in self.layers)


def time_net(
    net: Net, iterations: int, *, backward: bool = True, update: Update | None = None
) -> Timing:
    """Run `net` on its data and take the time; without `backward` forwards alone.

    `update` is given the number of the iteration whose gradients are there, and changes the
    weights. Whole steps and steps layer by layer take turns, so that both see the same machine.
    """
    clocks = _Clocks(net, backward, update)
    for number in range(WARM_UP):
        clocks.whole_step(number)
    clocks.samples.clear()
    for number in range(iterations):
        clocks.whole_step(WARM_UP + 2 * number)
        clocks.layer_by_layer(WARM_UP + 2 * number + 1)
    return clocks.timing(iterations)


class _Clocks:
    """Runs steps of a net and keeps the ms of everything by name."""

    def __init__(self, net: Net, backward: bool, update: Update | None) -> None:
        self.net = net
        self.backward = backward
        self.update = update
        self.samples: dict[str, list[float]] = defaultdict(list)

    def _take(self, name: str, call: Callable[[], object]) -> float:
        start = time.perf_counter()
        call()
        taken = 1e3 * (time.perf_counter() - start)
        self.samples[name].append(taken)
        return taken

    def whole_step(self, number: int) -> None:
        """One step as a solver does it."""
        self._take("step", lambda: self._step(number))

    def _step(self, number: int) -> None:
        if self.backward:
            self.net.clear_gradients()
        self.net.forward(number)
        if self.backward:
            self.net.backward()
        if self.update is not None:
            self.update(number)

    def layer_by_layer(self, number: int) -> None:
        """The same, with a clock on everything."""
        if self.backward:
            self.net.clear_gradients()
        self.net.run.batch_number = number
        steps = list(enumerate(self.net.steps))
        sums = {"data": 0.0, "forward": 0.0, "backward": 0.0}
        for index, step in steps:
            taken = self._take(f"forward {index}", step.forward)
            sums["data" if step.node.layer.type == "Data" else "forward"] += taken
        for index, step in reversed(steps):
            if self.backward and step.node.backward:
                sums["backward"] += self._take(f"backward {index}", step.backward)
        for name, total in sums.items():
            self.samples[name].append(total)
        if self.update is not None:
            update = self.update
            self._take("update", lambda: update(number))

    def _median(self, name: str) -> float:
        return float(np.median(self.samples[name]))

    def timing(self, iterations: int) -> Timing:
        """The medians of all that was measured."""
        return Timing(
            iterations=iterations,
            layers=tuple(self._layers()),
            step_ms=self._median("step"),
            data_ms=self._median("data"),
            forward_ms=self._median("forward"),
            backward_ms=self._median("backward") if self.backward else None,
            update_ms=None if self.update is None else self._median("update"),
            memory=memory_of(self.net),
        )

    def _layers(self) -> Iterable[LayerTime]:
        for index, (node, _) in enumerate(self.net.steps):
            counted, done = arithmetic(node), arithmetic_done(node)
            learns = self.backward and node.backward
            yield LayerTime(
                name=node.name,
                type=node.layer.type,
                forward_ms=self._median(f"forward {index}"),
                backward_ms=self._median(f"backward {index}") if learns else None,
                forward_flop=counted.forward,
                backward_flop=counted.backward if learns else 0,
                forward_done=done.forward,
                backward_done=done.backward if learns else 0,
            )


def memory_of(net: Net) -> NetMemory:
    """The memory that the arrays of `net` take."""
    blobs = list(net.blobs.values())
    gradients = list(net.diffs.values())
    scratch = [array for _, io in net.steps for array in io.scratch.values()]
    parameters = [*net.values.values(), *net.gradients.values()]
    return NetMemory(
        blobs=_bytes(blobs),
        gradients=_bytes(gradients),
        scratch=_bytes(scratch),
        parameters=_bytes(parameters),
        total=_bytes([*blobs, *gradients, *scratch, *parameters]),
    )


def _bytes(arrays: Iterable[Array]) -> int:
    """Bytes that at least one of the C-ordered `arrays` covers."""
    places = sorted((array.ctypes.data, array.ctypes.data + array.nbytes) for array in arrays)
    total = end = 0
    for first, last in places:
        total += max(0, last - max(first, end))
        end = max(end, last)
    return total
