"""How a run answers signals and what it writes, and the hooks that do so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mycaffe_py.snapshot.film import film_path
from mycaffe_py.snapshot.names import events_path
from mycaffe_py.solver.glog import Glog
from mycaffe_py.solver.hooks.caffe_log import CaffeLog
from mycaffe_py.solver.hooks.ceiling import Ceiling
from mycaffe_py.solver.hooks.collapse import Collapse
from mycaffe_py.solver.hooks.compiling import Compiling
from mycaffe_py.solver.hooks.display import Display
from mycaffe_py.solver.hooks.events import Events
from mycaffe_py.solver.hooks.film import FilmRun
from mycaffe_py.solver.hooks.hook import Hook
from mycaffe_py.solver.hooks.interrupt import Interrupt
from mycaffe_py.solver.hooks.keep_best import KeepBest
from mycaffe_py.solver.hooks.life import TellLife
from mycaffe_py.solver.hooks.mining import NothingMined
from mycaffe_py.solver.hooks.non_finite import NonFinite
from mycaffe_py.solver.hooks.normalization import ModesPart
from mycaffe_py.solver.hooks.snapshot import WriteSnapshots
from mycaffe_py.solver.hooks.test import MeasureTestNets
from mycaffe_py.solver.texts import Job


@dataclass(frozen=True)
class Manner:
    """How a run answers signals (Interrupt) and what it writes besides its own words.

    `log` gets Caffe's lines; when it is standard error, they stand in for the display's. `film` is
    the interval of the film of how the map forms (FilmRun), 0 for none, None for what the run did
    before. `overwrite` removes the files of another run with the same prefix, else they are moved.
    `command` is the command line, for the diary.
    """

    sigint: str = "stop"
    sighup: str = "snapshot"
    log: Glog | None = None
    film: int | None = None
    overwrite: bool = False
    command: str = ""


def hooks_of(job: Job, prefix: Path, manner: Manner, film: int) -> list[Hook]:
    """The hooks of a run, in the order in which they are called.

    Tests come before snapshots, so that run cards know of them. Frames of the film do so too: a run
    that goes on from a snapshot then has all frames up to it.
    """
    log = manner.log
    return [
        Events(events_path(prefix)),
        TellLife(manner.command),
        Interrupt(manner.sigint, manner.sighup),
        Compiling(),
        NonFinite(),
        MeasureTestNets(),
        ModesPart(),
        Display(quiet=log is not None and log.on_stderr),
        *([FilmRun(film_path(prefix), film)] if film else []),
        *_saving(job, prefix),
        *([CaffeLog(log)] if log is not None else []),
        NothingMined(),
        Collapse(),
        Ceiling(),
    ]


def _saving(job: Job, prefix: Path) -> list[Hook]:
    """The hooks that save; the best test is looked for first, so that run cards know of it."""
    snapshot = WriteSnapshots(prefix)
    looks = job.solver.keep_best or job.solver.patience
    return [KeepBest(snapshot), snapshot] if looks else [snapshot]
