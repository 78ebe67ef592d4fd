"""Floor 7. All runs of a comparison, in several processes; what is finished is never lost."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from itertools import product

from mycaffe_py.engine.threads import set_threads
from mycaffe_py.errors import MyCaffeError
from mycaffe_py.evaluate.designs.head import Head
from mycaffe_py.evaluate.designs.workbench import Comparison, Result, Run, Workbench, read_result

Sweep = Sequence[tuple[str, Sequence[str]]]

# The workbench of a worker process: opening a table takes longer than a small run.
_benches: list[Workbench] = []


class RunsInterrupted(KeyboardInterrupt):
    """Ctrl-C: `kept` of the `runs` had ended, and their results are on the disk."""

    def __init__(self, kept: int, runs: int) -> None:
        """Both are numbers of runs."""
        self.kept = kept
        self.runs = runs
        super().__init__()


def plan(
    heads: Sequence[Head], baselines: Sequence[str], sweep: Sweep, seeds: Sequence[int]
) -> list[Run]:
    """Every head under every setting of its own sweep and of `sweep`, with every seed."""
    runs = []
    for head in heads:
        fields = {**dict(head.sweep), **dict(sweep)}
        for values in product(*fields.values()):
            setting = tuple(zip(fields, values, strict=True))
            runs += [Run(head.name, head.text.card.file, setting, seed) for seed in seeds]
    return runs + [Run(name, "", (), seed) for name in baselines for seed in seeds]


def compare(
    comparison: Comparison, runs: Sequence[Run], jobs: int, done: Callable[[Result], None]
) -> list[Result]:
    """The results of `runs`, in their order. `done` is told each one, those of before first.

    Errors: those of the texts; a worker process that died; Ctrl-C, which tells how many are kept.
    Runs that ended before are kept.
    """
    bench = Workbench(comparison)
    for setting in dict.fromkeys(run.setting for run in runs):
        bench.solver(setting)
    found = {run: read_result(bench.file(run)) for run in runs}
    left = [run for run in runs if found[run] is None]
    for result in found.values():
        if result is not None:
            done(result)
    several = jobs > 1 and len(left) > 1
    made = _in_processes(comparison, left, jobs) if several else _here(bench, left)
    try:
        for run, result in made:
            found[run] = result
            done(result)
    except KeyboardInterrupt:
        # Also what other processes have written and not yet told.
        kept = sum(read_result(bench.file(run)) is not None for run in runs)
        raise RunsInterrupted(kept, len(runs)) from None
    return [result for result in found.values() if result is not None]


def _here(bench: Workbench, runs: Sequence[Run]) -> Iterator[tuple[Run, Result]]:
    for run in runs:
        yield run, bench.run(run)


def _in_processes(
    comparison: Comparison, runs: Sequence[Run], jobs: int
) -> Iterator[tuple[Run, Result]]:
    # Spawned, not forked: the threads of numba do not survive a fork.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, _start_worker, (comparison,))
    try:
        futures: dict[Future[Result], Run] = {pool.submit(_work, run): run for run in runs}
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BrokenProcessPool as error:
        raise MyCaffeError(
            "a worker process died",
            wanted="the runs that had ended are kept",
            do="The same command goes on; with --jobs 1 it needs less memory.",
        ) from error
    except BaseException:
        # Ctrl-C, or an error of one run: no time is spent on what nobody waits for.
        pool.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker(comparison: Comparison) -> None:
    # Ctrl-C reaches all processes of a terminal; the first one answers for all.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    set_threads(1)
    _benches[:] = [Workbench(comparison)]


def _work(run: Run) -> Result:
    return _benches[0].run(run)
