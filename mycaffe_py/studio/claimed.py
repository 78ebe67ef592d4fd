"""Which run a command line trains, and that no other one is at its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.proto.model_text import read_solver
from mycaffe_py.snapshot.diary import DONE, FAILED, STOPPED
from mycaffe_py.snapshot.life import RUNNING as TRAINS
from mycaffe_py.snapshot.life import UNKNOWN, RunLife, life_of
from mycaffe_py.snapshot.names import SnapshotFiles, events_path
from mycaffe_py.studio.jobs import RUNNING, WAITING
from mycaffe_py.studio.state import Studio
from mycaffe_py.studio.workspace import Workspace

_SOLVER, _SET = "--solver=", "--set=solver."
_DO = "Stop it or wait for its end, or give this one another snapshot_prefix."


def claimed_run(workspace: Workspace, arguments: Sequence[str]) -> str:
    """What pages call the run that `arguments` train, "" for none or one outside the folder.

    `arguments` are as commands/training.py makes them.
    """
    prefix = _prefix(workspace, arguments)
    if prefix is None or not prefix.is_relative_to(workspace.root):
        return ""
    return workspace.name(prefix)


def check_unclaimed(studio: Studio, arguments: Sequence[str]) -> None:
    """Errors: another command trains the run of `arguments`, or waits for its turn to."""
    prefix = _prefix(studio.workspace, arguments)
    if prefix is None:
        return
    diary = events_path(prefix)
    life = life_of(diary) if diary.is_file() else RunLife(UNKNOWN)
    ended_s = diary.stat().st_mtime if life.state in (DONE, STOPPED, FAILED) else 0.0
    for job in studio.jobs.all():
        alive = studio.jobs.state(job) in (WAITING, RUNNING)
        if alive and _prefix(studio.workspace, job.arguments) == prefix:
            # A run that has told its end does no more; its process may take a moment to go.
            if ended_s > studio.jobs.written_s(job):
                continue
            raise UserError(f"the run '{prefix.name}' is already begun: {job.words}", do=_DO)
    if life.state == TRAINS:
        who = f"process {life.begin['pid']} on {life.begin['host']}"
        raise UserError(f"the run '{prefix.name}' trains already, in {who}", do=_DO)


def _prefix(workspace: Workspace, arguments: Sequence[str]) -> Path | None:
    """How the names of the run's files begin, by the rule of mycaffe_py/solver/run.py.

    None where nothing is trained, or where the text has a mistake: the command tells which.
    """
    name, *rest = [*arguments, ""]
    try:
        if name == "resume":
            return SnapshotFiles.beside((workspace.root / rest[0]).resolve()).prefix
        texts = [one.removeprefix(_SOLVER) for one in rest if one.startswith(_SOLVER)]
        if name != "train" or not texts:
            return None
        path = workspace.root / texts[0]
        sets = [one.removeprefix(_SET) for one in rest if one.startswith(_SET)]
        solver = read_solver(path.read_text(encoding="utf-8"), texts[0], overrides=sets).message
        given = solver.snapshot_prefix
        prefix = workspace.root / (given or path.with_suffix(""))
        if given and (prefix.is_dir() or given.endswith("/")):
            prefix /= path.stem
        return prefix.resolve()
    except (MyCaffeError, OSError, ValueError):
        return None
