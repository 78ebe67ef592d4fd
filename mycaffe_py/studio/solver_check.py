"""A solver text while it is typed: what it will do, in words, and the curve of its rate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict

from mycaffe_py.data.feed import reads_folder
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.model_text import read_solver
from mycaffe_py.proto.spans import read_spans
from mycaffe_py.snapshot.run_card import TextCard
from mycaffe_py.solver.check_fields import check_numbers
from mycaffe_py.solver.rates import check_policy, learning_rate, steps_before
from mycaffe_py.solver.run import snapshot_prefix
from mycaffe_py.solver.solver_words import solver_words
from mycaffe_py.solver.texts import Job, job_of_text
from mycaffe_py.solver.updates import check_solver_type

# Of the curve; steps are met exactly, as their iterations are added.
_POINTS = 200


def check_solver(path: Path, content: str, root: Path) -> dict[str, Any]:
    """What the page shows: the fields, the words, the rate by iteration, or the mistake.

    Words and rates are also there where only the net has a mistake, or is not named yet. `prefix`
    is the run that training it in `root` makes, `model` its net, where that lies there, and `film`
    says whether there is a data set to film a sample of.
    """
    found: dict[str, Any] = {"fields": _fields(content), "words": [], "rates": [], "error": None}
    found |= {"prefix": "", "model": "", "film": False}
    try:
        read = read_solver(content, str(path))
        check_numbers(read.message, read.locations)
        check_policy(read.message, read.locations)
        check_solver_type(read.message, read.locations)
        found["words"] = solver_words(read.message)
        found["rates"] = _rates(read.message)
        found["model"] = _model(read.message, path, root)
    except MyCaffeError as error:
        found["error"] = error.as_json()
    try:
        job = job_of_text(TextCard(str(path), content))
        found["film"] = _can_film(job)
        prefix = root / snapshot_prefix(job, None)
        if prefix.is_relative_to(root):
            found["prefix"] = prefix.relative_to(root).as_posix()
    except MyCaffeError as error:
        # The command reads the nets before it looks at the policy and the type.
        found["error"] = error.as_json()
    return found


def _can_film(job: Job) -> bool:
    return any(
        layer.param.HasField("data_param") and not reads_folder(layer.param.data_param)
        for text in (*job.tests[:1], job.train)
        for layer in text.selected()
        if not layer.param.HasField("python_source_param")
    )


def _model(solver: pb.SolverParameter, path: Path, root: Path) -> str:
    """The net as pages call it: a file of the folder, named from there or from beside the text."""
    for start in (root, path.parent):
        place = (start / (solver.net or solver.train_net)).resolve()
        if place.is_file() and place.is_relative_to(root):
            return place.relative_to(root).as_posix()
    return ""


def _fields(content: str) -> dict[str, Any]:
    try:
        message, _ = read_spans(content, pb.SolverParameter)
    except UserError:
        return {}
    fields: dict[str, Any] = MessageToDict(message, preserving_proto_field_name=True)
    return fields


def _rates(solver: pb.SolverParameter) -> list[tuple[int, float]]:
    last = max(1, solver.max_iter)
    wanted = {round(i * last / _POINTS) for i in range(_POINTS + 1)}
    wanted |= {step + by for step in solver.stepvalue for by in (-1, 0) if 0 <= step + by <= last}
    return [(i, learning_rate(solver, i, steps_before(solver, i))[0]) for i in sorted(wanted)]
