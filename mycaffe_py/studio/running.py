"""Signals to a run that trains, whoever started it: found by its diary, not by our jobs."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

from mycaffe_py.errors import UserError
from mycaffe_py.files.lock import Holder
from mycaffe_py.snapshot.life import RUNNING, life_of
from mycaffe_py.studio.runs import Run


def stop(run: Run, *, now: bool = False) -> None:
    """Let it end as Ctrl-C would, with a snapshot; `now`: at once, without one."""
    _signal(run, signal.SIGTERM if now else getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT))


def snapshot(run: Run) -> None:
    """Let it write a snapshot and go on. Errors: this system has no signal for that."""
    if not hasattr(signal, "SIGHUP"):
        raise UserError("this system cannot ask for a snapshot", do="Stop the run and resume it.")
    _signal(run, signal.SIGHUP)


def _signal(run: Run, number: int) -> None:
    life = life_of(run.diary)
    begin = life.begin
    if life.state != RUNNING:
        raise UserError(f"the run '{run.name}' does not train now", do="Reload the page.")
    holder = Holder(int(begin["pid"]), str(begin["start"]), str(begin["host"]))
    if holder.host != Holder.this().host:
        raise UserError(f"the run '{run.name}' trains on '{holder.host}'", do="Stop it there.")
    with suppress(ProcessLookupError):
        try:
            os.kill(holder.pid, number)
        except PermissionError as error:
            raise UserError(f"the run '{run.name}' belongs to another user") from error
