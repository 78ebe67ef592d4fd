"""The forward of some steps as a list of calls, with everything looked up beforehand.

A small net spends more time between its kernels than in them. Layers that say which kernels they
call (Layer.calls) are asked once; as long as their arrays stay, only the kernels are called, those
that follow one another by a single call (kernels/native_calls.py). Other layers run as usual.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from numba import get_num_threads, set_num_threads

from mycaffe_py.engine.compilation import watch
from mycaffe_py.engine.helping import helping
from mycaffe_py.engine.step import Step
from mycaffe_py.graph.model import Graph
from mycaffe_py.kernels.native_calls import NativeCalls, native
from mycaffe_py.kernels.sharing import Call, perform
from mycaffe_py.layers.base import Layer

# Runs the step of a number as usual, and returns what it adds to the loss.
RunStep = Callable[[int], float]


class Program:
    """What `program_of` has found out. It holds for the arrays that the steps have now."""

    def __init__(self, parts: Sequence[Callable[[], Any]], threads: int) -> None:
        self._parts = parts
        self._threads = threads

    @property
    def holds(self) -> bool:
        """Whether kernels may use as many threads as when it was made."""
        return get_num_threads() == self._threads

    def run(self) -> float:
        """Run it; returns the loss."""
        loss = 0.0
        for part in self._parts:
            loss += part() or 0.0
        return loss


class Programs:
    """The programs of a net, each made when its steps are first to run."""

    def __init__(self, graph: Graph, steps: Sequence[Step], run: RunStep) -> None:
        """`steps` is the net's own list, which it changes; at first they are those of `graph`."""
        watch()
        helping.watch(graph)
        self._steps = steps
        self._run = run
        self._known: dict[range, Program | None] = {}

    def forget(self) -> None:
        """Steps have been given other arrays."""
        self._known.clear()

    def of(self, numbers: range) -> Program | None:
        """The program of these steps; None where they have to run one by one."""
        known = self._known.get(numbers)
        if numbers in self._known and (known is None or known.holds):
            return known
        made = program_of(self._steps, numbers, self._run)
        self._known[numbers] = made
        return made


def program_of(steps: Sequence[Step], numbers: range, run: RunStep) -> Program | None:
    """The program of the steps of these numbers; None where a step may change what follows it."""
    if any(steps[n].io.after_forward is not None or steps[n].io.may_rest for n in numbers):
        return None
    prepare: list[Callable[[], Any]] = []
    parts: list[Callable[[], Any]] = []
    together: list[Call] = []
    for number in numbers:
        calls = _calls(steps[number])
        layer, io = steps[number].node.layer, steps[number].io
        if calls is not None and _definer(layer, "prepare") is not Layer:
            prepare.append(partial(layer.prepare, io))
        if calls is None:
            parts += _parts(together)
            together = []
            parts.append(_Usual(run, number))
        else:
            together += calls
    return Program([*prepare, *parts, *_parts(together)], get_num_threads())


class _Usual:
    """A step that runs as usual."""

    __slots__ = ("number", "run")

    def __init__(self, run: RunStep, number: int) -> None:
        self.run = run
        self.number = number

    def __call__(self) -> float:
        return self.run(self.number)


class _OnOne:
    """Calls of work too small to be shared."""

    __slots__ = ("part", "usual")

    def __init__(self, part: Callable[[], None], usual: int) -> None:
        self.part = part
        self.usual = usual

    def __call__(self) -> None:
        set_num_threads(1)
        try:
            self.part()
        finally:
            set_num_threads(self.usual)


def _calls(step: Step) -> Sequence[Call] | None:
    """What a layer calls in forward; None where it does not say, or an array of it is not whole.

    A layer that changes the forward of another one has to say anew what it calls.
    """
    layer, io = step.node.layer, step.io
    changed = "forward" in vars(layer) or _definer(layer, "calls") is not _definer(layer, "forward")
    if changed or any(step.node.loss_weights):
        return None
    arrays = [*io.bottoms, *io.tops, *io.params, *io.scratch.values()]
    return layer.calls(io) if all(array.flags.c_contiguous for array in arrays) else None


def _definer(layer: Layer, name: str) -> type:
    return next(cls for cls in type(layer).__mro__ if name in vars(cls))


def _parts(calls: Sequence[Call]) -> list[Callable[[], Any]]:
    """`calls` in order, those together that use the same number of threads."""
    groups: list[list[Call]] = []
    small: bool | None = None
    for call in calls:
        wanted = _is_small(call)
        if not groups or (wanted is not None and small is not None and wanted != small):
            groups.append([])
            small = None
        groups[-1].append(call)
        small = wanted if small is None else small
    usual = get_num_threads()
    parts: list[Callable[[], Any]] = []
    for group in groups:
        made = _together(group)
        alone = usual > 1 and any(_is_small(call) for call in group)
        parts += [_OnOne(part, usual) for part in made] if alone else made
    return parts


def _is_small(call: Call) -> bool | None:
    """Whether it is to run on one thread; None where that makes no difference."""
    options = getattr(call.kernel, "targetoptions", {"parallel": True})
    return call.threads == 1 if options.get("parallel") else None


def _together(calls: list[Call]) -> list[Callable[[], Any]]:
    """`calls` by native code where all of them have it."""
    taken = [native(call) for call in calls]
    known = [found for found in taken if found is not None]
    if len(known) == len(calls):
        return [NativeCalls(calls, known)]
    return [_Performed(call) for call in calls]


class _Performed:
    """A kernel called from Python."""

    __slots__ = ("call",)

    def __init__(self, call: Call) -> None:
        self.call = call

    def __call__(self) -> None:
        perform(self.call)
