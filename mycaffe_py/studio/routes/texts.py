"""The model and solver pages: texts are read, checked, edited by the form, and saved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from google.protobuf.message import Message

from mycaffe_py.errors import UserError, nearest
from mycaffe_py.graph.told.layer_card import card_text, layer_card
from mycaffe_py.graph.told.layer_families import families
from mycaffe_py.graph.told.told_model import PHASES
from mycaffe_py.layers.fillers import FILLERS
from mycaffe_py.proto import edit
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.fields import fields_of
from mycaffe_py.proto.locations import Path as Steps
from mycaffe_py.solver.rates import FACTORS
from mycaffe_py.solver.rules import rules
from mycaffe_py.studio.answers import Asked, asks, does, word
from mycaffe_py.studio.check import check_model
from mycaffe_py.studio.compare import differing_lines
from mycaffe_py.studio.solver_check import check_solver
from mycaffe_py.studio.state import Studio
from mycaffe_py.studio.workspace import MODEL, TEXTS

# Fields of text whose values are names of things that are known, by message.
WORDS: dict[str, dict[str, Iterable[str]]] = {
    "SolverParameter": {"type": rules, "lr_policy": FACTORS},
    "FillerParameter": {"type": FILLERS},
}


def text(studio: Studio, asked: Asked) -> dict[str, Any]:
    """A text and the version that saving it must name."""
    return asdict(studio.workspace.read(word(asked, "name")))


def save(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Save a text over the version that the page read."""
    name, content = word(asked, "name"), word(asked, "content")
    return asdict(studio.workspace.write(name, content, word(asked, "version", "")))


def check(studio: Studio, asked: Asked) -> dict[str, Any]:
    """What the compiler makes of a text that need not be saved, in the phase that is shown."""
    name, content = word(asked, "name"), word(asked, "content")
    path = studio.workspace.path(name, TEXTS)
    if not name.endswith(MODEL):
        return check_solver(path, content, studio.workspace.root)
    shown = word(asked, "phase", PHASES[-1])
    if shown not in PHASES:
        raise UserError(f"there is no phase '{shown}'", do=nearest(shown, PHASES))
    return check_model(path, content, shown)


def change(studio: Studio, asked: Asked) -> dict[str, Any]:
    """The text after one edit of the form; `paths` has the twin's field too where both change."""
    kind = _kind(word(asked, "name"))
    content, act = word(asked, "content"), word(asked, "act")
    if act == "set":
        for path in _paths(asked):
            content = edit.set_value(content, kind, path, word(asked, "value"))
    elif act == "remove":
        for path in _paths(asked):
            content = edit.remove_field(content, kind, path)
    elif act == "add":
        after = asked.get("after")
        content = edit.add_layer(
            content, kind, word(asked, "snippet"), after if isinstance(after, int) else None
        )
    elif act == "rename":
        content = edit.rename(content, kind, word(asked, "old"), word(asked, "new"))
    else:
        raise UserError(f"the studio knows no edit '{act}'")
    return {"content": content}


def changes(studio: Studio, asked: Asked) -> dict[str, Any]:
    """What saving a text would change in its file, part by part."""
    saved = studio.workspace.read(word(asked, "name")).content
    return {"parts": differing_lines(saved, word(asked, "content"))}


def layer(studio: Studio, asked: Asked) -> dict[str, Any]:
    """The card of a layer type, and the fields of its form."""
    card = layer_card(word(asked, "type"))
    known: Any = pb.LayerParameter.DESCRIPTOR.fields_by_name
    messages = {name: known[name].message_type.name for name in card.options}
    return {
        "type": card.type,
        "about": card_text(card),
        "options": {name: _fields(message) for name, message in messages.items()},
    }


def message_fields(studio: Studio, asked: Asked) -> list[dict[str, Any]]:
    """The fields of a message that a form opens."""
    try:
        return _fields(word(asked, "message"))
    except KeyError as error:
        raise UserError(f"there is no message {error}") from error


def _fields(message: str) -> list[dict[str, Any]]:
    """The fields of a message; a text that must be one of some words has them as its values."""
    words = WORDS.get(message, {})
    facts = [asdict(one) for one in fields_of(message)]
    return [one | {"values": tuple(words.get(one["name"], one["values"]))} for one in facts]


def palette(studio: Studio, asked: Asked) -> dict[str, list[str]]:
    """All layer types by family."""
    return families()


def _kind(name: str) -> type[Message]:
    return pb.NetParameter if name.endswith(MODEL) else pb.SolverParameter


def _paths(asked: Asked) -> list[Steps]:
    paths = asked.get("paths")
    if not isinstance(paths, list) or not paths or not all(isinstance(p, list) for p in paths):
        raise UserError("the page named no field")
    if not all(isinstance(step, str | int) for path in paths for step in path):
        raise UserError("the page named no field")
    return [tuple(path) for path in paths]


ROUTES = [
    asks("/api/text", text),
    does("/api/text", save, "PUT"),
    does("/api/check", check),
    does("/api/edit", change),
    does("/api/changes", changes),
    asks("/api/layer", layer),
    asks("/api/fields", message_fields),
    asks("/api/palette", palette),
]
