"""What the comparisons of training steps have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

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
        _print_data_time(make_solver(), make_solver(), args.rounds, args.block)
    interleaved.print_scaling(make_solver().step, args.threads, args.rounds, args.block)


def _check(ours: Solver, theirs: Callable[[], float]) -> None:
    """Both sides must learn the same."""
    for _ in range(_STEPS_COMPARED):
        loss = theirs()
        ours.step()
    interleaved.torch_matches(ours.smoothed.value, loss, f"loss of step {_STEPS_COMPARED}")


def _print_data_time(full: Solver, still: Solver, rounds: int, block: int) -> None:
    """What a step takes longer than one that finds the same batch in its blobs every time."""
    full.step()
    still.step()
    still.net._steps.pop(0)
    found = interleaved.measure({"full": full.step, "still": still.step}, rounds, block)
    cost = 1 - found["still"].block_ms / found["full"].block_ms
    low, middle, high = 100 * np.quantile(cost, [0.25, 0.5, 0.75])
    print(
        f"\nData: {middle:.1f} % of a step ({low:.1f}-{high:.1f}): "
        f"{found['full'].median_ms:.2f} ms with fresh batches, "
        f"{found['still'].median_ms:.2f} without."
    )
