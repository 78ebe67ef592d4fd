"""What moves, as one stream of server-sent events for each page that is looked at.

A page asks for the runs, films and logs it shows; a page that is hidden closes its stream, as a
browser keeps six connections to a server for all its tabs together.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool

from mycaffe_py.files.lock import Holder
from mycaffe_py.files.plain_json import dumps
from mycaffe_py.snapshot.diary import BEGIN, END
from mycaffe_py.snapshot.film_tail import FilmTail
from mycaffe_py.snapshot.life import holder_of
from mycaffe_py.studio.runs import Run
from mycaffe_py.studio.state import Studio
from mycaffe_py.studio.tail import LineTail, Tail, events

_LOOK_S = 0.2
_LOOKS_A_SECOND = 5
# A comment now and then finds out that the page is gone.
_SILENCE_S = 10.0


@dataclass
class Live:
    """What one page looks at."""

    studio: Studio
    runs: list[Run]
    films: list[Run]
    logs: list[int]
    _diaries: list[LineTail] = field(default_factory=list)
    _films: list[FilmTail] = field(default_factory=list)
    _logs: list[Tail] = field(default_factory=list)
    _jobs: str = ""
    _trains: dict[str, Holder] = field(default_factory=dict)
    _looks: int = 0

    def __post_init__(self) -> None:
        self._diaries = [LineTail(Tail(run.diary)) for run in self.runs]
        self._films = [FilmTail(run.film) for run in self.films]
        self._logs = [Tail(self.studio.jobs.log(number)) for number in self.logs]

    async def stream(self) -> AsyncIterator[bytes]:
        """The events as they come, as text/event-stream."""
        silent = 0.0
        while not self.studio.closing.is_set():
            messages = await run_in_threadpool(lambda: list(self.look()))
            for message in messages:
                yield f"data: {dumps(message)}\n\n".encode()
            silent = 0.0 if messages else silent + _LOOK_S
            if silent >= _SILENCE_S:
                silent = 0.0
                yield b":\n\n"
            await asyncio.sleep(_LOOK_S)

    def look(self) -> Iterator[dict[str, Any]]:
        """What is new since the last look; `anew` says that what was sent before is void."""
        self._looks += 1
        for run, diary in zip(self.runs, self._diaries, strict=True):
            anew, lines = diary.read()
            rows = events(lines)
            self._note(run.name, rows)
            if rows or anew:
                yield {"kind": "events", "run": run.name, "anew": anew, "rows": rows}
            elif self._is_gone(run.name):
                del self._trains[run.name]
                yield {"kind": "gone", "run": run.name}
        for run, film in zip(self.films, self._films, strict=True):
            anew, frames = film.read()
            if frames or anew:
                yield {
                    "kind": "film", "run": run.name, "anew": anew,
                    "frames": [
                        {
                            "iteration": frame.iteration,
                            "points": _base64(frame.points.tobytes()),
                            "centroids": _base64(frame.centroids.tobytes()),
                            "labels": frame.centroid_labels.tolist(),
                        }
                        for frame in frames
                    ],
                }  # fmt: skip
        for number, log in zip(self.logs, self._logs, strict=True):
            anew, content = log.read()
            if content or anew:
                text = content.decode("utf-8", "replace")
                yield {"kind": "log", "job": number, "anew": anew, "text": text}
        jobs = self.studio.told_jobs()
        if (now := dumps(jobs)) != self._jobs:
            self._jobs = now
            yield {"kind": "jobs", "jobs": jobs}

    def _note(self, run: str, rows: list[dict[str, Any]]) -> None:
        """Who trains `run` by its last events: a process that is killed writes no end."""
        for row in rows:
            holder = holder_of(row) if row["kind"] == BEGIN else None
            if holder is not None:
                self._trains[run] = holder
            elif row["kind"] in (BEGIN, END):
                self._trains.pop(run, None)

    def _is_gone(self, run: str) -> bool:
        # To ask for a process starts another one on some systems: once a second is enough.
        return (
            self._looks % _LOOKS_A_SECOND == 0 and run in self._trains and self._trains[run].is_gone
        )


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
