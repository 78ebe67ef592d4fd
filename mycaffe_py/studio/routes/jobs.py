"""The commands that pages start, and the stream of what moves."""

from __future__ import annotations

import shlex
from typing import Any

from starlette.responses import StreamingResponse

from mycaffe_py.errors import UserError
from mycaffe_py.studio.answers import Asked, asks, does, whole, word
from mycaffe_py.studio.claimed import check_unclaimed, claimed_run
from mycaffe_py.studio.commands import command_of
from mycaffe_py.studio.live import Live
from mycaffe_py.studio.runs import run_named
from mycaffe_py.studio.state import Studio


def start(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Start the command called `do` with the values that the page sent; `run` is what it trains.

    Errors: another command is at the files of that run.
    """
    arguments = command_of(studio.workspace, word(asked, "do"), asked)
    check_unclaimed(studio, arguments)
    run = claimed_run(studio.workspace, arguments)
    job = studio.jobs.start(arguments)
    return {"number": job.number, "command": job.words, "run": run}


def preview(studio: Studio, asked: Asked) -> dict[str, Any]:
    """The command line that `start` would run, to copy."""
    arguments = command_of(studio.workspace, word(asked, "do"), asked)
    return {"command": shlex.join(["mycaffe", *arguments])}


def stop(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Let a command end: as Ctrl-C would, or at once where `now` is sent."""
    job = studio.jobs.stop(whole(asked, "number"), now=bool(asked.get("now")))
    return {"number": job.number}


def snapshot(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Let a training write a snapshot now."""
    studio.jobs.signal(whole(asked, "number"), "SIGHUP")
    return {}


def move(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Let a waiting command take the place of another one."""
    studio.jobs.move(whole(asked, "number"), whole(asked, "before"))
    return {}


def all_jobs(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Every command, the newest first."""
    return {"jobs": studio.told_jobs()}


def log(studio: Studio, asked: Asked) -> dict[str, Any]:
    """The last words of a command."""
    job = studio.jobs.get(whole(asked, "number"))
    path = studio.jobs.log(job.number)
    raw = path.read_bytes()[-_LAST_BYTES:] if path.is_file() else b""
    return {"text": raw.decode("utf-8", "replace"), "state": studio.jobs.state(job)}


def live(studio: Studio, asked: Asked) -> StreamingResponse:
    """The stream of one page: `runs`, `films` by name and `logs` by number, with commas between."""
    names = {kind: _list(asked, kind) for kind in ("runs", "films", "logs")}
    if sum(map(len, names.values())) > _MOST:
        raise UserError(f"a page may look at {_MOST} things at once")
    looked = Live(
        studio,
        [run_named(studio.workspace, name) for name in names["runs"]],
        [run_named(studio.workspace, name) for name in names["films"]],
        [whole({"log": number}, "log") for number in names["logs"]],
    )
    return StreamingResponse(looked.stream(), media_type="text/event-stream")


_MOST = 24
_LAST_BYTES = 20000


def _list(asked: Asked, name: str) -> list[str]:
    return [part for part in word(asked, name, "").split("\n") if part]


ROUTES = [
    asks("/api/jobs", all_jobs),
    asks("/api/log", log),
    does("/api/job", start),
    does("/api/job/preview", preview),
    does("/api/job/{number}/stop", stop),
    does("/api/job/{number}/snapshot", snapshot),
    does("/api/job/{number}/move", move),
    asks("/api/live", live),
]
