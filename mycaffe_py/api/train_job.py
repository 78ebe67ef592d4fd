"""From what a program asks for to the job of a run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.in_memory.given import given_splits
from mycaffe_py.errors import UserError, nearest
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.other_data import KINDS, read_instead
from mycaffe_py.notices import notice
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.templates import find_text
from mycaffe_py.proto.text import write_text
from mycaffe_py.solver.texts import Job, read_job

StrPath = str | os.PathLike[str]

# The splits of a data set, by the phase that reads them.
SPLITS = {"TRAIN": "training", "TEST": "testing"}
# Values below this are shares that were scaled once too often.
_NEXT_TO_NOTHING = 0.02


def splits_of(data: Mapping[str, Any]) -> dict[str, ArraySource]:
    """The splits by their names in a data set. Errors: no phase that has data, none to learn."""
    for phase in data:
        if phase not in SPLITS:
            raise UserError(
                f"data is given for '{phase}'",
                wanted="data for the phases TRAIN and TEST",
                do=nearest(str(phase), SPLITS),
            )
    made = given_splits(data) if data else {}
    return {SPLITS[phase]: source for phase, source in made.items()}


def assignments(solver: StrPath, changes: Mapping[str, Any], folder: StrPath | None) -> list[str]:
    """The overrides of the texts, as the command line has them."""
    if not isinstance(changes, Mapping):
        raise UserError(
            f"set is a {type(changes).__name__}",
            wanted='a dict of fields and values, such as {"solver.max_iter": 2000}',
        )
    found = {**changes}
    if folder is not None:
        found["solver.snapshot_prefix"] = str(Path(folder) / find_text(str(solver), "solver").stem)
    return [f"{field}={_as_text(value)}" for field, value in found.items()]


def _as_text(value: Any) -> str:
    """`value` as a text has it; a list is one of numbers or of words."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(f'"{one}"' if isinstance(one, str) else _as_text(one) for one in value)
    return str(value)


def job_of(
    solver: StrPath, overrides: Sequence[str], splits: Mapping[str, ArraySource], name: str
) -> Job:
    """The job of the texts, its data layers reading the `splits` of the data set `name`."""
    given = {phase: split for phase, split in SPLITS.items() if split in splits}
    sources = {pb.Phase.Value(phase): f"{name}.{split}" for phase, split in given.items()}

    def edit(net: pb.NetParameter, where: Locations) -> Locations:
        return read_instead(net, where, sources)

    job = read_job(os.fspath(solver), overrides, edit=edit if sources else None)
    if not job.solver.snapshot_after_train:
        raise UserError(
            "the solver text writes no snapshot at the end of a run",
            where=job.where.at("snapshot_after_train"),
            wanted="the trained net is read from there",
            do='Give set={"solver.snapshot_after_train": True}.',
        )
    if "TRAIN" in given and "TEST" not in given:
        job = without_tests(job)
    for phase, texts in (("TRAIN", [job.train]), ("TEST", job.tests)):
        if phase in given:
            _check_read(phase, texts, job, sources[pb.Phase.Value(phase)])
            _notice_scale(phase, texts, splits[given[phase]])
    return job


def _check_read(phase: str, texts: Sequence[NetText], job: Job, source: str) -> None:
    """Errors: the nets of `phase`, or some of them, do not read the data given for it."""
    if not texts:
        raise UserError(
            "data is given for TEST, and the solver text tests nothing",
            where=job.where.at("test_iter"),
            do='Give set={"solver.test_iter": 10, "solver.test_interval": 100} for example.',
        )
    for text in texts:
        layers = [layer.param for layer in text.selected()]
        if not any(layer.data_param.source == source for layer in layers):
            fed = [f"'{layer.name}' ({layer.type})" for layer in layers if not layer.bottom]
            raise UserError(
                f"data is given for {phase}, and the net '{text.net.name}' reads none there",
                where=text.where.at(),
                wanted=f"a layer of type {' or '.join(KINDS)} takes it; the net has "
                f"{', '.join(fed) or 'no layer without a bottom'}",
            )


def _notice_scale(phase: str, texts: Sequence[NetText], source: ArraySource) -> None:
    """Tell of shares, 0 to 1, that a text made for bytes makes so small that little is learned."""
    largest = float(np.abs(source.images).max())
    layers = [layer.param for text in texts for layer in text.selected()]
    for layer in layers:
        scale = layer.transform_param.scale
        if layer.type in KINDS and 0 < abs(scale) * largest < _NEXT_TO_NOTHING:
            notice(
                f"data['{phase}'] has values up to {largest:g}, and layer '{layer.name}' "
                f"multiplies them by {scale:g}, as for bytes. Give bytes (uint8), or "
                f'set={{"net.layer.{layer.name}.transform_param.scale": 1}}.'
            )
            return


def without_tests(job: Job) -> Job:
    """`job` without TEST nets: their data would be of other classes than what is learned from."""
    text = job.solver
    for field in ("test_iter", "test_interval", "test_net", "test_net_param", "test_state"):
        text.ClearField(field)
    notes = (*job.notes, "No data is given for TEST: nothing is tested meanwhile.")
    return replace(job, tests=(), card=replace(job.card, text=write_text(text)), notes=notes)
