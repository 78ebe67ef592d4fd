"""The commands of the designs page: features of a net, heads ranked on them, the best refined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mycaffe_py.errors import UserError, nearest
from mycaffe_py.snapshot.names import WEIGHTS
from mycaffe_py.studio.commands.values import number_option, word_option
from mycaffe_py.studio.designs import RESULT, head_names
from mycaffe_py.studio.runs import run_named
from mycaffe_py.studio.workspace import MODEL, Workspace

Asked = Mapping[str, Any]


def features(workspace: Workspace, asked: Asked) -> list[str]:
    """A table of what the net of a run makes of each image at one of its blobs."""
    run = run_named(workspace, str(asked.get("run", "")))
    return [
        "features",
        f"--snapshot=./{workspace.name(run.newest().weights)}",
        *_needed(asked, "blob"),
        *_needed(asked, "source"),
        *word_option(asked, "name", "--name"),
    ]


def rank(workspace: Workspace, asked: Asked) -> list[str]:
    """Heads trained on a table and compared."""
    chosen = asked.get("heads")
    if not isinstance(chosen, list) or not chosen:
        raise UserError("no head is chosen", do="Choose one or more.")
    return [
        "rank",
        *(_head(one) for one in chosen),
        *_needed(asked, "features"),
        *word_option(asked, "split_by", "--split-by"),
        *number_option(asked, "iterations", "--iterations"),
        *word_option(asked, "seeds", "--seeds"),
        *_out(workspace, asked),
    ]


def refine(workspace: Workspace, asked: Asked) -> list[str]:
    """The base and a ranked head, trained together."""
    model, base = str(asked.get("base", "")), str(asked.get("base_weights", ""))
    weights = str(asked.get("head_weights", ""))
    workspace.path(model, (MODEL,))
    for name in (base, weights):
        workspace.path(name, (WEIGHTS,))
    return [
        "refine", f"--base=./{model}", f"--base-weights=./{base}", *_needed(asked, "blob"),
        f"--head={_head(asked.get('head'))}", f"--head-weights=./{weights}",
        *_needed(asked, "source"), *word_option(asked, "split_by", "--split-by"),
        *word_option(asked, "unseen", "--unseen"),
        *number_option(asked, "iterations", "--iterations"), *_out(workspace, asked),
    ]  # fmt: skip


def _head(name: object) -> str:
    known = head_names()
    if name not in known:
        raise UserError(f"there is no head '{name}'", do=nearest(str(name), known))
    return str(name)


def _needed(asked: Asked, name: str) -> list[str]:
    given = word_option(asked, name, f"--{name}")
    if not given:
        raise UserError(f"no {name} is chosen")
    return given


def _out(workspace: Workspace, asked: Asked) -> list[str]:
    folder = asked.get("out")
    if folder in (None, ""):
        return []
    workspace.path(f"{folder}/{RESULT}", (RESULT,))
    return [f"--out=./{folder}"]


COMMANDS = {"features": features, "rank": rank, "refine": refine}
