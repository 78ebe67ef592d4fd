"""Training from a program."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from mycaffe_py.api.load import load
from mycaffe_py.api.train_job import StrPath, assignments, job_of, splits_of
from mycaffe_py.api.trained_net import TrainedNet
from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.in_memory.held import held
from mycaffe_py.engine.threads import set_threads, wait_briefly
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.notices import hushed
from mycaffe_py.parallel.joined import joined
from mycaffe_py.parallel.run import train as run_job
from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.solver.hooks.tell_program import OnEvent, TellProgram
from mycaffe_py.solver.manner import Manner
from mycaffe_py.solver.run import Start
from mycaffe_py.solver.solver import Solver
from mycaffe_py.solver.team import ALONE
from mycaffe_py.trained.settle import settle_centroids


def train(
    solver: StrPath,
    set: Mapping[str, Any] | None = None,
    *,
    data: Mapping[str, Any] | None = None,
    on_event: OnEvent | None = None,
    folder: StrPath | None = None,
    seed: int | None = None,
    threads: int | None = None,
    weights: StrPath | Sequence[StrPath] = (),
    snapshot: StrPath | None = None,
    overwrite: bool = False,
    verbose: bool = False,
) -> TrainedNet:
    """Train the net of a solver text, a file or a template, as `mycaffe train` does, to the bit.

    `set` changes fields of the texts, as `--set`: {"solver.max_iter": 2000,
    "net.layer.conv1.convolution_param.num_output": 30}. `on_event` is called with each event of the
    run, a dict as in events.jsonl: its "kind" is "begin", "display", "test", "snapshot", "end" ...;
    an error that it raises ends the run.

    `data` replaces the data layers of a phase, {"TRAIN": (X, y), "TEST": (X, y)}, or an iterable of
    (image, label) or of batches (images, labels) that has an end. Images are (n, height, width) or
    (n, height, width, channels), rows of features (n, features); bytes (uint8) or floats, which
    are taken as they are. Labels are anything that can be in a set, and are kept by name. Batches,
    pairs, balance and transform are those of the text. Without "TEST" nothing is tested.

    `folder` is where the files of the run go, else the place that the solver text names. `seed`,
    `weights` and `snapshot` (a .solverstate to go on from) are the options of the command;
    `threads` changes no bit. With `verbose` the lines of the command are printed. An earlier run of
    the same name is moved aside, or with `overwrite` removed.

    With shards in the text, the processes of a program that mpiexec has started train together.

    Ctrl-C in the main thread ends the run with a snapshot and raises KeyboardInterrupt; in another
    thread signals are left alone. Errors: `UserError` for what is wrong with texts or data, before
    anything is written.

    >>> import numpy as np
    >>> import mycaffe_py as mycaffe
    >>> X, y = np.zeros((20, 28, 28), np.uint8), ["empty"] * 10 + ["full"] * 10
    >>> X[10:, 8:20, 8:20] = 255
    >>> net = mycaffe.train("siamese_28x28.solver", {"solver.max_iter": 5}, data={"TRAIN": (X, y)})
    >>> net.labels
    ['empty', 'full']
    """
    splits = splits_of(data or {})
    with ExitStack() as holding:
        if splits:
            holding.enter_context(held(splits))
        files = train_files(
            solver,
            set,
            splits=splits,
            on_event=on_event,
            folder=folder,
            seed=seed,
            threads=threads,
            weights=weights,
            snapshot=snapshot,
            overwrite=overwrite,
            verbose=verbose,
        )
        net = _opened(files)
        # What is measured later with this net still finds the data.
        weakref.finalize(net, holding.pop_all().close)
    return net


def train_files(
    solver: StrPath,
    set: Mapping[str, Any] | None = None,
    *,
    splits: Mapping[str, ArraySource],
    on_event: OnEvent | None = None,
    folder: StrPath | None = None,
    seed: int | None = None,
    threads: int | None = None,
    weights: StrPath | Sequence[StrPath] = (),
    snapshot: StrPath | None = None,
    overwrite: bool = False,
    verbose: bool = False,
) -> SnapshotFiles:
    """Train as `train` does, on the `splits` of `splits_of`; returns the last snapshot's files."""
    wait_briefly()
    with (
        hushed(not verbose),
        held(splits) if splits else nullcontext("") as name,
        _threads(threads),
    ):
        job = job_of(solver, assignments(solver, set or {}, folder), splits, name)
        start = Start(seed, _paths(weights), Path(snapshot) if snapshot is not None else None)
        hooks = [TellProgram(on_event)] if on_event is not None else []
        # Without shards each process of a program does what the program says.
        with joined() if job.solver.shards > 1 else nullcontext(ALONE) as team:
            run = run_job(job, start, Manner(overwrite=overwrite), team=team, hooks=hooks)
            files = _last_snapshot(run)
            if run.stopping:
                raise KeyboardInterrupt(
                    f"the training was stopped at iteration {run.iteration}; "
                    f"train(..., snapshot='{files.state}') goes on"
                )
            if team.rank == 0:
                settle_centroids(files.weights, always=bool(splits))
            team.tell(None)
    return files


def _opened(files: SnapshotFiles) -> TrainedNet:
    """The net of a run; the run itself has run what its texts name."""
    try:
        return load(files.weights, run_code=True)
    except UserError as error:
        raise UserError(
            error.found,
            where=error.where,
            wanted=error.wanted,
            do=f"The training is done, and its weights are in {files.weights}.",
        ) from error


def _paths(weights: StrPath | Sequence[StrPath]) -> tuple[Path, ...]:
    several = [weights] if isinstance(weights, str | os.PathLike) else weights
    return tuple(Path(path) for path in several)


def _last_snapshot(run: Solver) -> SnapshotFiles:
    last = run.record.last_snapshot
    if last is None:
        raise MyCaffeError("the run has written no snapshot")
    return SnapshotFiles.beside(last)


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    """Let this thread's kernels use `count` threads in the block, None for as many as before."""
    import numba

    before = numba.get_num_threads()
    if count is not None:
        set_threads(count)
    try:
        yield
    finally:
        numba.set_num_threads(before)
