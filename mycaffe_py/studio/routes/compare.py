"""Compare: runs beside each other, and one of them once more."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from mycaffe_py.errors import UserError
from mycaffe_py.studio.answers import Asked, asks, does, word
from mycaffe_py.studio.commands import command_of
from mycaffe_py.studio.compare import compared, runs_and_earlier, same_weights
from mycaffe_py.studio.reproduce import write_again
from mycaffe_py.studio.runs import Run, run_named, told
from mycaffe_py.studio.state import Studio

_MOST = 10


def every(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Every run that can be chosen, with the earlier ones of each prefix."""
    return {"runs": [told(run) for run in runs_and_earlier(studio.workspace)]}


def compare(studio: Studio, asked: Asked) -> dict[str, Any]:
    """What there is to tell of the `runs`, names with line ends between."""
    return compared(_runs(studio, asked))


def weights(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Whether the `runs` have the same weights, to the bit."""
    return same_weights(_runs(studio, asked))


def reproduce(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Write the texts of a run out and train them with its seed, under another prefix."""
    again = write_again(studio.workspace, word(asked, "run"))
    arguments = command_of(studio.workspace, "train", asdict(again))
    job = studio.jobs.start(arguments)
    return {
        "number": job.number, "command": job.words, "run": again.run,
        "unchecked": list(again.unchecked),
    }  # fmt: skip


def _runs(studio: Studio, asked: Asked) -> list[Run]:
    names = list(dict.fromkeys(name for name in word(asked, "runs", "").split("\n") if name))
    if len(names) > _MOST:
        raise UserError(f"up to {_MOST} runs can be compared at once", do="Choose fewer.")
    return [run_named(studio.workspace, name) for name in names]


ROUTES = [
    asks("/api/compare/runs", every),
    asks("/api/compare", compare),
    asks("/api/compare/weights", weights),
    does("/api/reproduce", reproduce),
]
