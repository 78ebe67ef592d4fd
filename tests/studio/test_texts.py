"""Every value of every packaged text can be changed from the form, and nothing else changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette")

from google.protobuf.message import Message

from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.spans import read_spans
from mycaffe_py.proto.templates import template_path, text_folder
from mycaffe_py.proto.text import read_text
from mycaffe_py.studio.check import check_model
from mycaffe_py.studio.jobs import Jobs
from mycaffe_py.studio.routes.texts import change
from mycaffe_py.studio.state import Studio
from mycaffe_py.studio.workspace import Workspace
from tests.proto.edited import holder_of, other_value, single_values
from tests.studio.asking import client

TEXTS = sorted(
    [*text_folder("models").rglob("*.prototxt"), *text_folder("solvers").glob("*.solver")]
)
SIAMESE = template_path("model", "siamese_28x28")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(Workspace.at(tmp_path), Jobs(tmp_path / "jobs", tmp_path))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_the_form_changes_one_value_and_no_other_character(path: Path, studio: Studio) -> None:
    text = path.read_text(encoding="utf-8")
    kind: type[Message] = pb.SolverParameter if path.suffix == ".solver" else pb.NetParameter
    message, spans = read_spans(text, kind)
    values = list(single_values(message))
    assert values
    for at in values:
        word, value = other_value(kind, at)
        asked = {"name": path.name, "content": text, "act": "set", "value": word}
        edited = change(studio, {**asked, "paths": [list(at)]})["content"]
        span = spans.find(at)
        assert span is not None
        behind = len(text) - span.end
        assert edited[: span.start] == text[: span.start]
        assert edited[len(edited) - behind :] == text[span.end :]
        # All around its statement is as it was, so that the statement alone is read back.
        top = spans.find(at[: 1 + (not kind.DESCRIPTOR.fields_by_name[at[0]].has_presence)])
        assert top is not None
        first, last = top.statement_start, top.statement_end
        statement = read_text(text[first:last], kind).message
        _set(statement, _alone(at, statement), value)
        read = read_text(edited[first : last + len(edited) - len(text)], kind).message
        assert read == statement, at


def _set(message: Message, at: tuple[Any, ...], value: Any) -> None:
    holder, step = holder_of(message, at)
    if isinstance(step, int):
        holder[step] = value
    else:
        setattr(holder, step, value)


def _alone(at: tuple[Any, ...], statement: Message) -> tuple[Any, ...]:
    """The path in a text of one statement: what repeats has one entry there, or one list."""
    entries = getattr(statement, at[0])
    alone = len(at) > 1 and isinstance(at[1], int) and len(entries) == 1
    return (at[0], 0, *at[2:]) if alone else at


def test_change_both_changes_the_values_of_both_twins(studio: Studio) -> None:
    text = SIAMESE.read_text(encoding="utf-8")
    message, spans = read_spans(text, pb.NetParameter)
    twins = [(a["number"], b) for a in check_model(SIAMESE, text)["layers"] for b in a["twins"]]
    assert len(twins) == 10, "five pairs, seen from both sides"
    changed = 0
    for one, other in twins:
        for at in single_values(message.layer[one]):
            paths = [("layer", number, *at) for number in (one, other)]
            if at[0] in ("name", "bottom", "top") or not all(spans.find(path) for path in paths):
                continue
            word, value = other_value(pb.NetParameter, paths[0])
            asked = {"name": SIAMESE.name, "content": text, "act": "set", "value": word}
            edited = change(studio, {**asked, "paths": [list(path) for path in paths]})["content"]
            wanted = pb.NetParameter.FromString(message.SerializeToString())
            for path in paths:
                _set(wanted, path, value)
            assert read_text(edited, pb.NetParameter).message == wanted, at
            assert edited.count("\n") == text.count("\n")
            changed += 1
    assert changed > 60


def test_the_page_is_told_what_an_edit_needs(tmp_path: Path) -> None:
    ask = client(tmp_path)
    asked = {"name": SIAMESE.name, "content": SIAMESE.read_text(), "act": "set", "value": "24"}
    path = ["layer", 3, "convolution_param", "num_output"]
    answer = ask("POST", "/api/edit", **asked, paths=[path])
    assert answer.json["content"].count("num_output: 24") == 1
    for wrong, told in (
        ({"paths": []}, "named no field"),
        ({"paths": [[*path[:3], "num_otput"]]}, "Did you mean 'num_output'?"),
        ({"paths": [path], "value": "many"}, "no value for 'num_output'"),
        ({"act": "dance"}, "no edit 'dance'"),
    ):
        answer = ask("POST", "/api/edit", **{**asked, **wrong})
        assert answer.status == 400 and told in answer.json["error"]["text"]


def test_the_form_offers_the_words_that_a_field_of_text_may_have(tmp_path: Path) -> None:
    ask = client(tmp_path)
    fields = {one["name"]: one for one in ask("GET", "/api/fields", message="SolverParameter").json}
    assert {"SGD", "Adam", "Nesterov"} <= set(fields["type"]["values"])
    assert {"fixed", "multistep", "inv"} <= set(fields["lr_policy"]["values"])
    assert fields["net"]["values"] == []
    filler = ask("GET", "/api/fields", message="FillerParameter").json
    assert {"xavier", "msra"} <= set(next(one for one in filler if one["name"] == "type")["values"])
