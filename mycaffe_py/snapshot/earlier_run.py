"""What a new run does with the files of another run that has its prefix.

They are moved to `<prefix>_runs/1, 2, ...`, so that no figure, picture or snapshot of one run is
taken for the other's. A run with the same identity (RunCard) starts over in place.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.snapshot.diary import run_of
from mycaffe_py.snapshot.names import (
    CARD,
    STATE,
    WEIGHTS,
    events_path,
    run_files,
    runs_folder,
)
from mycaffe_py.snapshot.run_card import RunCard


def move_earlier_run(
    prefix: Path, run: str, kept: Collection[Path], *, overwrite: bool = False
) -> str:
    """Make sure that no other run than `run` has files at `prefix`, and return a line about it.

    "" where there was nothing to do. `kept` are files the run starts from: the snapshots they
    belong to stay. With `overwrite` the others are removed. Errors: they cannot be moved.
    """
    stems = {path.resolve().parent / _stem(path) for path in kept}
    files = [path for path in run_files(prefix) if path.parent.resolve() / _stem(path) not in stems]
    unfinished = any(runs_folder(prefix).glob("*.part"))
    if not unfinished and not _of_another(prefix, run, files):
        return ""
    try:
        if overwrite:
            for path in files:
                path.unlink()
            if unfinished:
                _move((), runs_folder(prefix))
            return f"{_count(files)} of an earlier run at '{prefix}' removed (--overwrite)"
        folder = _move(files, runs_folder(prefix))
        count = _count(list(folder.iterdir()))
    except OSError as error:
        raise MyCaffeError(
            f"the files of an earlier run at '{prefix}' cannot be moved to "
            f"'{runs_folder(prefix)}': {error.strerror or error}",
            do="Choose another snapshot_prefix.",
        ) from error
    return f"{count} of an earlier run moved to '{folder}' (--overwrite would replace them)"


def _count(files: Collection[Path]) -> str:
    return f"{len(files):,} file{'' if len(files) == 1 else 's'}"


def _stem(path: Path) -> str:
    """The name up to its iteration: common to the files of a snapshot."""
    found = re.match(r"(.*_iter_\d+)\.", path.name, re.DOTALL)
    return found.group(1) if found else path.name


def _of_another(prefix: Path, run: str, files: Collection[Path]) -> bool:
    """Whether any of `files` is not `run`'s.

    Cards and a diary tell it; weights and states without a card are Caffe's, or of a run that is
    not known.
    """
    cards = {_stem(path): path for path in files if path.name.endswith(CARD)}
    if any(_run_of_card(card) != run for card in cards.values()):
        return True
    events = events_path(prefix)
    named = run_of(events) if events in files else run
    if named != run and (named or not cards):
        return True
    mute = (path for path in files if WEIGHTS in path.name or STATE in path.name)
    return any(_stem(path) not in cards for path in mute)


def _run_of_card(path: Path) -> str:
    try:
        return RunCard.read(path).identity
    except UserError:
        return ""


def _move(files: Collection[Path], runs: Path) -> Path:
    """Move `files` to the next numbered folder. One that a kill interrupted is finished first."""
    taken = [int(path.name) for path in runs.glob("*") if path.name.isdecimal()]
    folder = runs / str(max(taken, default=0) + 1)
    part = folder.with_name(f"{folder.name}.part")
    part.mkdir(parents=True, exist_ok=True)
    for path in files:
        path.rename(part / path.name)
    part.rename(folder)
    return folder
