"""A new project: a model and its solver in the folder, from templates or written for a data set."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mycaffe_py.data.data_facts import facts_of
from mycaffe_py.data.dataset_lookup import holder_of, is_built_in, names_that_open
from mycaffe_py.data.source import open_head, splits_of
from mycaffe_py.errors import MyCaffeError, UserError, nearest
from mycaffe_py.proto import edit
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.fitted.texts import fitted_texts
from mycaffe_py.proto.model_text import read_net
from mycaffe_py.proto.templates import Template, template_path, templates
from mycaffe_py.studio.workspace import MODEL, SOLVER, Workspace

# Models that are written for a data set instead of copied, by the loss they learn with.
FITTED = {"for the data set": "contrastive", "for the data set, triplets": "triplet"}
_SPLITS = ("training", "validation", "testing")
_TRAINING, *_MEASURED = _SPLITS


@dataclass(frozen=True)
class Wanted:
    """What a project is made from; "" leaves the choice to the model: its solver, its data."""

    name: str
    model: str
    solver: str = ""
    data: str = ""


def new_project(workspace: Workspace, wanted: Wanted) -> tuple[str, str]:
    """Write both texts; returns their names. Texts that are there with this content are left.

    Errors: no such template or data set, a name that can be none, other texts are there.
    """
    if wanted.data and wanted.data not in (known := names_that_open()):
        raise UserError(f"there is no data set '{wanted.data}'", do=nearest(wanted.data, known))
    names = (f"{wanted.name}{MODEL}", f"{wanted.name}{SOLVER}")
    paths = [workspace.path(name, (MODEL, SOLVER)) for name in names]
    texts = _texts(wanted)
    there = [
        name
        for name, path, text in zip(names, paths, texts, strict=True)
        if path.exists() and path.read_bytes() != text.encode()
    ]
    if there:
        raise UserError(
            f"{' and '.join(there)} would be overwritten", do="Give the project another name."
        )
    for name, path, text in zip(names, paths, texts, strict=True):
        if not path.exists():
            workspace.write(name, text, "")
    return names


def told_data() -> list[dict[str, Any]]:
    """The data sets a project may use: those made here first, then built-in and fetched ones."""
    told = []
    for name in names_that_open():
        with suppress(MyCaffeError, OSError):
            there = holder_of(name) is not None
            heads = [
                (split, open_head(f"{name}.{split}"))
                for split in (splits_of(name) if there else (_TRAINING, "testing"))
            ]
            told.append(
                {
                    "name": name,
                    "place": "built in" if is_built_in(name) else "made" if there else "fetched",
                    "items": {split: len(head) for split, head in heads},
                    "classes": max((len(set(head.labels.tolist())) for _, head in heads)),
                    "shape": list(heads[0][1].shape),
                }
            )
    return told


def _texts(wanted: Wanted) -> tuple[str, str]:
    """The texts of the model and of its solver."""
    stem = wanted.name.rpartition("/")[2]
    if wanted.model in FITTED:
        if not wanted.data:
            raise UserError("no data set is chosen", wanted="the model is written for one")
        texts = fitted_texts(stem, facts_of(wanted.data), FITTED[wanted.model])
        model, solver = texts.model, texts.solver
    else:
        template = _template(wanted.model)
        model = template.model.read_text(encoding="utf-8")
        solver = "" if template.solver is None else template.solver.read_text(encoding="utf-8")
        model = _with_data(model, wanted.data) if wanted.data else model
    if wanted.solver:
        solver = template_path("solver", _template(wanted.solver, "solver").name).read_text("utf-8")
    if not solver:
        raise UserError(f"the model '{wanted.model}' comes with no solver", do="Choose one.")
    for field, word in (("net", f"{stem}{MODEL}"), ("snapshot_prefix", f"snapshots/{wanted.name}")):
        solver = edit.set_value(solver, pb.SolverParameter, (field,), word)
    return model, solver


def _template(name: str, kind: str = "model") -> Template:
    known = {one.name: one for one in templates() if kind == "model" or one.solver}
    if name not in known:
        raise UserError(f"there is no {kind} template '{name}'", do=nearest(name, known))
    return known[name]


def _with_data(model: str, dataset: str) -> str:
    """The model with every layer of a data set reading `dataset` instead, and no stand-in."""
    splits = splits_of(dataset) if holder_of(dataset) is not None else [_TRAINING, "testing"]
    net = read_net(model, dataset).message
    for number, layer in enumerate(net.layer):
        split = layer.data_param.source.rpartition(".")[2]
        if not layer.HasField("data_param") or split not in _SPLITS:
            continue
        tries = [_TRAINING] if split == _TRAINING else [split, *_MEASURED]
        found = next((one for one in tries if one in splits), None)
        if found is None:
            raise UserError(
                f"the data set '{dataset}' has nothing for {split}",
                wanted=f"it has {' and '.join(splits)}",
                do="Make it with a share for testing, or choose a model written for the data set.",
            )
        source = ("layer", number, "data_param", "source")
        model = edit.set_value(model, pb.NetParameter, source, f"{dataset}.{found}")
        stand_in = ("layer", number, "data_param", "stand_in")
        model = edit.remove_field(model, pb.NetParameter, stand_in)
    return model
