"""A command on all processes that a launcher has started: one of them prints, all end together."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TextIO

from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.parallel.launched import announced, goes_first, launched
from mycaffe_py.parallel.mpi import MpiTeam
from mycaffe_py.solver.team import ALONE, Team

# An error that all processes have found, such as a mistake in a text, reaches all within this time.
_SAME_ERROR_S = 2.0
# So does Ctrl-C, but each process first ends what it is at.
_INTERRUPTED_S = 20.0
# The first one that has failed ends all; the others only do so if it cannot any more.
_LEFT_TO_THE_FIRST_S = 3.0
# The launcher reads what a process has said within this time, and nothing once all are ended.
_HEARD_S = 0.5


@contextmanager
def joined() -> Iterator[Team]:
    """The team of this process: those that a launcher has started, else it is alone.

    In the block the first process alone prints. An error of all processes is raised in the first
    one and ends the others in silence; that of some ends all processes, as they would wait for ever
    for the one that has failed.
    """
    team = MpiTeam() if launched() else None
    if team is not None and team.ranks == 1:
        _check_alone()
    if team is None or team.ranks == 1:
        yield ALONE
        return
    shown = sys.stderr
    try:
        with _quiet(team.rank > 0):
            yield team
    except BaseException as error:
        interrupted = isinstance(error, KeyboardInterrupt)
        failed = team.failed(_INTERRUPTED_S if interrupted else _SAME_ERROR_S)
        if len(failed) < team.ranks:
            _end_all(team, error, failed, shown)
        # MPI may return before all have ended, and this error has been told.
        if team.rank > 0 or len(failed) < team.ranks:
            raise SystemExit(_code(error)) from error
        raise


def _check_alone() -> None:
    """Errors: the launcher has started others, which MPI does not find.

    Each process would then do the whole work, and all would write the same files.
    """
    size = announced()
    if size <= 1:
        return
    if not goes_first():
        # The first one tells it.
        raise SystemExit(UserError.exit_code)
    raise UserError(
        f"{size} processes were started together, and MPI finds each of them alone",
        wanted="the MPI that mpi4py loads understands the launcher",
        do="Start by the mpiexec that belongs to it; with srun choose what it understands, such as "
        "--mpi=pmi2 for MPICH or --mpi=pmix for Open MPI ('srun --mpi=list' tells what there is).",
    )


def _end_all(team: MpiTeam, error: BaseException, failed: set[int], shown: TextIO) -> None:
    """Say what this process has failed by, and end all."""
    if team.rank > min(failed):
        time.sleep(_LEFT_TO_THE_FIRST_S)
    told = str(error) or type(error).__name__
    print(f"mycaffe: error: process {team.rank} of {team.ranks}: {told}", file=shown, flush=True)
    time.sleep(_HEARD_S)
    team.end_all(_code(error))


def _code(error: BaseException) -> int:
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1
    if isinstance(error, KeyboardInterrupt):
        return 130
    return error.exit_code if isinstance(error, MyCaffeError) else 1


@contextmanager
def _quiet(hush: bool) -> Iterator[None]:
    """Print nothing in the block."""
    if not hush:
        yield
        return
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nothing,
        redirect_stdout(nothing),
        redirect_stderr(nothing),
    ):
        yield
