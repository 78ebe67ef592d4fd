"""What the comparisons of training steps have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mycaffe_py.evaluate.timing import time_net
from mycaffe_py.solver.rates import learning_rate
from mycaffe_py.solver.solver import Solver
from tests.benchmarks import interleaved

_STEPS_COMPARED = 3

MakeSolver = Callable[[], Solver]
MakeTheirs = Callable[[], dict[str, Callable[[], Any]]]


def learned(solver: Solver) -> list[np.ndarray]:
    """Copies of the parameters that learn, in layer order."""
    infos = [info for info in solver.params.infos if info.learned]
    return [solver.params.values[info.key].copy() for info in infos]


def compare(
    module: str, about: str, unit: str, make_solver: MakeSolver, make_theirs: MakeTheirs
) -> None:
    """Print the tables. The first of their variants is checked against ours."""
    args = interleaved.options(about, rounds=30, block=10)
    interleaved.print_head(module)
    _check(make_solver(), next(iter(make_theirs().values())))
    ours = f"ours, {make_solver().job.card.file.rpartition('/')[2]}"
    for threads in args.threads:
        interleaved.use_threads(threads)
        interleaved.print_peak(threads)
        theirs = {n: call for n, call in make_theirs().items() if interleaved.works(n, call)}
        found = interleaved.measure({ours: make_solver().step, **theirs}, args.rounds, args.block)
        interleaved.print_table(found, ours, f"{unit}, {threads} thread{'s' * (threads > 1)}")
        _print_data_time(make_solver())
    interleaved.print_scaling(make_solver().step, args.threads, args.rounds, args.block)


def _check(ours: Solver, theirs: Callable[[], float]) -> None:
    """Both sides must learn the same."""
    for _ in range(_STEPS_COMPARED):
        loss = theirs()
        ours.step()
    interleaved.torch_matches(ours.smoothed.value, loss, f"loss of step {_STEPS_COMPARED}")


def _print_data_time(solver: Solver) -> None:
    """What our step waits for its data, and what making a batch costs in the background."""

    def update(number: int) -> None:
        solver.updater.apply(learning_rate(solver.text, number, 0)[0], number)

    timing = time_net(solver.net, 60, update=update)
    feed = solver.net.graph.nodes[0].plan.facts.feed.feed
    tops = [np.empty(shape, np.float32) for shape in feed.shapes]
    numbers = iter(range(10**6))
    made = interleaved.measure({"feed": lambda: feed.fill(next(numbers), tops)}, 5, 20)["feed"]
    print(
        f"\nData: a step waits {timing.data_ms:.2f} ms for it, "
        f"{100 * timing.data_ms / timing.step_ms:.1f} % of {timing.step_ms:.2f} ms; "
        f"making a batch in the background takes {made.median_ms:.2f} ms of a core."
    )
