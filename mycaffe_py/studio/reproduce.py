"""A run once more, to the same bits: its texts written out, its data checked, its seed."""

from __future__ import annotations

import shlex
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mycaffe_py.data.dataset_lookup import names_that_open
from mycaffe_py.data.source import open_head, open_source
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.proto import edit
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.model_text import read_solver
from mycaffe_py.snapshot.checksum import checksum
from mycaffe_py.snapshot.life import life_of
from mycaffe_py.snapshot.run_card import DatasetCard, RunCard, run_identity
from mycaffe_py.studio.runs import Run, run_named
from mycaffe_py.studio.workspace import MODEL, SOLVER, Workspace

_FOLDER = "reproduced"


@dataclass(frozen=True)
class Again:
    """What a page trains to have `run` once more; `unchecked` are data without a name."""

    run: str
    solver: str
    seed: int
    weights: str
    film: bool
    unchecked: tuple[str, ...]


def write_again(workspace: Workspace, name: str) -> Again:
    """Write the texts of the run called `name` out, with a prefix of their own.

    Errors: it has no snapshot, its data are other ones now, it began at weights that are gone.
    """
    run = run_named(workspace, name)
    files = run.newest()
    card = RunCard.read(files.card)
    unchecked = tuple(one.source for one in card.datasets if not _check(one))
    weights = _first_weights(workspace, run, card)
    stem = _free(workspace, f"{_FOLDER}/{run.prefix.name}")
    solver = card.solver.text
    for number, (field, text) in enumerate(_nets(card)):
        written = f"{stem}_{number}{MODEL}" if number else f"{stem}{MODEL}"
        workspace.write(written, text, "")
        solver = edit.set_value(solver, pb.SolverParameter, field, Path(written).name)
    solver = edit.set_value(solver, pb.SolverParameter, ("snapshot_prefix",), stem)
    if card.iteration < read_solver(solver, stem).message.max_iter:
        # A run that was stopped is met at the iteration of its last snapshot.
        solver = edit.set_value(solver, pb.SolverParameter, ("snapshot",), str(card.iteration))
    workspace.write(f"{stem}{SOLVER}", solver, "")
    return Again(stem, f"{stem}{SOLVER}", card.seed, weights, card.film_every > 0, unchecked)


def _nets(card: RunCard) -> list[tuple[tuple[str | int, ...], str]]:
    """The fields of the solver that name a net by a file, each with the text of the net."""
    solver: Any = read_solver(card.solver.text, card.solver.file).message
    fields: list[tuple[tuple[str | int, ...], str]] = [
        ((name,), getattr(solver, name)) for name in ("net", "train_net")
    ]
    fields += [(("test_net", number), value) for number, value in enumerate(solver.test_net)]
    return [(field, card.nets[value].text) for field, value in fields if value in card.nets]


def _check(card: DatasetCard) -> bool:
    """Whether the data are those the run had; False where they have no name to ask for.

    Errors: they are not, or are not there.
    """
    wanted = card.stand_in_for or card.source
    if wanted.rpartition(".")[0] not in names_that_open():
        return False
    stand_in = card.source if card.stand_in_for else ""
    head = open_head(wanted, stand_in, notify=_quiet)
    found = head.checksum
    if not found:
        found = open_source(wanted, stand_in, notify=_quiet, make=False).checksum
    if found != card.checksum:
        raise UserError(
            f"'{head.name}' is not what the run had as '{card.source}'",
            wanted=f"data with the checksum {card.checksum[:12]}..., these have {found[:12]}...",
            do="Make the data set again as it was; other data give other weights.",
        )
    return True


def _quiet(text: str) -> None:
    """The run card's page tells of stand-ins."""


def _first_weights(workspace: Workspace, run: Run, card: RunCard) -> str:
    """The weights that the run began at by its diary, "" for none. Errors: they changed."""
    words: list[str] = []
    with suppress(MyCaffeError, ValueError):
        words = shlex.split(str(life_of(run.diary).begin.get("command", "")))
    given = [
        word.partition("=")[2] or after
        for word, after in zip(words, [*words[1:], ""], strict=False)
        if word == "--weights" or word.startswith("--weights=")
    ]
    if not given or words[1:2] != ["train"]:
        return ""
    path = (workspace.root / given[0]).resolve()
    known = path.is_file() and path.is_relative_to(workspace.root)
    if not known or run_identity(card, [checksum(path)]) != card.identity:
        raise UserError(
            f"the run began at the weights '{given[0]}'",
            wanted="they have to be in the studio's folder, as they were",
            do="Bring them back.",
        )
    return workspace.name(path)


def _free(workspace: Workspace, stem: str) -> str:
    number = 1
    while (workspace.root / f"{stem}_{number}{SOLVER}").exists():
        number += 1
    return f"{stem}_{number}"
