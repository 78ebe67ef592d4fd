"""All runs of a comparison, in several processes; what is finished is never lost."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from itertools import product
from pathlib import Path

from mycaffe_py.data.plural import plural
from mycaffe_py.engine.threads import set_threads
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.evaluate.designs.head import Head
from mycaffe_py.evaluate.designs.workbench import (
    Comparison,
    DesignRun,
    Result,
    Workbench,
    read_result,
)
from mycaffe_py.parallel.dealing import dealt
from mycaffe_py.solver.team import ALONE, Team, check_same, in_turn

Sweep = Sequence[tuple[str, Sequence[str]]]

# The workbench of a worker process: opening a table takes longer than a small run.
_benches: list[Workbench] = []


class RunsInterrupted(KeyboardInterrupt):
    """Ctrl-C, and which results are on the disk."""

    def __init__(self, kept: int, runs: int, folder: Path) -> None:
        """`kept` of the `runs` of a comparison had ended; its results are in `folder`."""
        if not kept:  # no folder was made
            super().__init__(f"Interrupted: none of {runs:,} {plural(runs, 'run')} had ended.")
            return
        ended = f"{kept:,} of {runs:,} {plural(runs, 'run')}"
        super().__init__(
            f"Interrupted: {ended} had ended and {'is' if kept == 1 else 'are'} kept in "
            f"'{folder / 'runs'}'. The same command goes on with the others."
        )


def all_runs(
    heads: Sequence[Head], baselines: Sequence[str], sweep: Sweep, seeds: Sequence[int]
) -> list[DesignRun]:
    """Every head under every setting of its own sweep and of `sweep`, with every seed.

    Errors: two heads of one name, which the table could not tell apart.
    """
    _check_names([head.name for head in heads])
    runs = []
    for head in heads:
        fields = {**dict(head.sweep), **dict(sweep)}
        for values in product(*fields.values()):
            setting = tuple(zip(fields, values, strict=True))
            runs += [DesignRun(head.name, head.text.card.file, setting, seed) for seed in seeds]
    return runs + [DesignRun(name, "", (), seed) for name in baselines for seed in seeds]


def _check_names(names: Sequence[str]) -> None:
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        raise UserError(
            f"two heads are called '{double[0]}'", wanted="the table names them by their files"
        )


def compare(
    comparison: Comparison,
    runs: Sequence[DesignRun],
    jobs: int,
    done: Callable[[Result], None],
    team: Team = ALONE,
) -> list[Result]:
    """The results of `runs`, in their order. `done` is told each one, those of before first.

    They are made by `jobs` processes of our own, or by those of `team`; its first process alone
    gets results. Errors: those of the texts; other data in a process of the team; worker processes
    that die at every run; Ctrl-C, which tells how many are kept. Runs that ended before are kept.
    """
    bench = in_turn(team, lambda: Workbench(comparison))
    check_same(team, {bench.source.name: bench.source.checksum})
    for setting in dict.fromkeys(run.setting for run in runs):
        bench.solver(setting)
    if team.rank > 0:
        return list(dealt(team, (), bench.run))
    files = {run: bench.file(run) for run in runs}
    found = {run: read_result(file) for run, file in files.items()}
    left = [run for run in runs if found[run] is None]
    for result in found.values():
        if result is not None:
            done(result)
    several = jobs > 1 and len(left) > 1
    made = _in_processes(comparison, left, jobs) if several else _in_team(bench, left, team)
    try:
        for run, result in made:
            found[run] = result
            done(result)
    except KeyboardInterrupt:
        # Also what other processes have written and not yet told.
        kept = sum(file.exists() for file in files.values())
        raise RunsInterrupted(kept, len(runs), comparison.folder) from None
    return [result for result in found.values() if result is not None]


def _in_team(
    bench: Workbench, runs: Sequence[DesignRun], team: Team
) -> Iterator[tuple[DesignRun, Result]]:
    for run, result in zip(runs, dealt(team, runs, bench.run), strict=True):
        if team.ranks > 1 and not bench.file(run).exists():
            raise UserError(
                f"the result of a run is not in '{bench.comparison.folder}' of process 0",
                wanted="all processes write to one folder",
                do="Let --out be a folder that all machines share.",
            )
        yield run, result


def _in_processes(
    comparison: Comparison, runs: Sequence[DesignRun], jobs: int
) -> Iterator[tuple[DesignRun, Result]]:
    """What a process that died has begun is done again by another one."""
    left = list(runs)
    while left:
        before = len(left)
        try:
            for run, result in _in_pool(comparison, left, jobs):
                left.remove(run)
                yield run, result
        except BrokenProcessPool as error:
            if len(left) == before:
                raise MyCaffeError(
                    "a worker process died, and so did the one that was to do its run again",
                    wanted="the runs that had ended are kept",
                    do="The same command goes on; with --jobs 1 it needs less memory.",
                ) from error
            print("A worker process died; its run is done again.", file=sys.stderr, flush=True)


def _in_pool(
    comparison: Comparison, runs: Sequence[DesignRun], jobs: int
) -> Iterator[tuple[DesignRun, Result]]:
    # Spawned, not forked: the threads of numba do not survive a fork.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, _start_worker, (comparison,))
    try:
        futures: dict[Future[Result], DesignRun] = {pool.submit(_work, run): run for run in runs}
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BrokenProcessPool:
        raise
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


def _work(run: DesignRun) -> Result:
    return _benches[0].run(run)
