"""An edit changes its own characters; everything else stays as its writer set it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.edit import add_layer, remove_field, remove_layer, rename, set_value
from mycaffe_py.proto.spans import Spans, read_spans
from mycaffe_py.proto.templates import text_folder
from mycaffe_py.proto.text import read_text
from tests.proto.edited import holder_of, other_value, single_values

TEXTS = sorted(
    [*text_folder("models").rglob("*.prototxt"), *text_folder("solvers").glob("*.solver")]
)
# So many edits of each text in the everyday tier, and in the slow one.
FEW, MANY = 8, 150


def _kind(path: Path) -> type[Message]:
    return pb.SolverParameter if path.suffix == ".solver" else pb.NetParameter


def _check_edits(path: Path, most: int) -> int:
    text, kind = path.read_text(encoding="utf-8"), _kind(path)
    message, spans = read_spans(text, kind)
    assert message == read_text(text, kind).message
    paths = list(single_values(message))
    chosen = paths[:: -(-len(paths) // most)]
    for at in chosen:
        span = spans.find(at)
        assert span is not None
        word, value = other_value(kind, at)
        edited = set_value(text, kind, at, word)
        assert edited[: span.start] == text[: span.start]
        assert edited.endswith(text[span.end :])
        wanted = kind.FromString(message.SerializeToString())
        holder, last = holder_of(wanted, at)
        if isinstance(last, int):
            holder[last] = value
        else:
            setattr(holder, last, value)
        assert read_text(edited, kind).message == wanted, at
    return len(chosen)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_a_value_is_changed_and_no_other_character(path: Path) -> None:
    assert _check_edits(path, FEW)


@pytest.mark.slow
def test_the_values_of_all_packaged_texts_can_be_changed() -> None:
    assert sum(_check_edits(path, MANY) for path in TEXTS) > 1000


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_a_field_that_is_taken_out_and_put_back_is_the_same_message(path: Path) -> None:
    text, kind = path.read_text(encoding="utf-8"), _kind(path)
    message, _ = read_spans(text, kind)
    single = [at for at in single_values(message) if not isinstance(at[-1], int)]
    for at in single[:: -(-len(single) // FEW)]:
        removed = remove_field(text, kind, at)
        wanted = kind.FromString(message.SerializeToString())
        holder, last = holder_of(wanted, at)
        word = _word(getattr(holder, last), holder.DESCRIPTOR.fields_by_name[last])
        holder.ClearField(last)
        assert read_text(removed, kind).message == wanted, at
        assert _comments(removed) == _comments(text)
        again = set_value(removed, kind, at, word)
        assert read_text(again, kind).message == message, at
        assert _comments(again) == _comments(text)


def _word(value: Any, field: FieldDescriptor) -> str:
    if field.enum_type is not None:
        return str(field.enum_type.values_by_number[value].name)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _comments(text: str) -> list[str]:
    return [line.partition("#")[2].strip() for line in text.splitlines() if "#" in line]


NET = """name: "n"  # the name
layer {
  name: "ip"   # full
  type: "InnerProduct"
  bottom: "data"
  top: "ip"
  inner_product_param { num_output: 3 }
}
layer { name: "relu" type: "ReLU" bottom: "ip" top: "ip" }
"""


def test_a_new_field_goes_to_the_end_of_its_message() -> None:
    edited = set_value(NET, pb.NetParameter, ("layer", 0, "inner_product_param", "axis"), "2")
    assert "inner_product_param { num_output: 3 axis: 2 }" in edited


def test_messages_around_a_new_field_are_made() -> None:
    at = ("layer", 0, "inner_product_param", "weight_filler", "type")
    edited = set_value(NET, pb.NetParameter, at, "xavier")
    assert 'inner_product_param { num_output: 3 weight_filler { type: "xavier" } }' in edited
    at = ("layer", 1, "relu_param", "negative_slope")
    edited = set_value(NET, pb.NetParameter, at, "0.1")
    assert 'top: "ip" relu_param { negative_slope: 0.1 } }' in edited


def test_a_new_entry_comes_behind_the_others() -> None:
    edited = set_value(NET, pb.NetParameter, ("layer", 0, "param", 0, "lr_mult"), "2")
    assert "  inner_product_param { num_output: 3 }\n  param { lr_mult: 2 }\n}" in edited
    with pytest.raises(UserError, match="cannot be next"):
        set_value(NET, pb.NetParameter, ("layer", 0, "param", 1, "lr_mult"), "2")


def test_a_value_leaves_its_list() -> None:
    text = "stepvalue: [10, 20, 30] # steps\nstepvalue: 40\n"
    kind = pb.SolverParameter
    assert remove_field(text, kind, ("stepvalue", 1)).startswith("stepvalue: [10, 30] # steps")
    assert remove_field(text, kind, ("stepvalue", 2)).startswith("stepvalue: [10, 20] # steps")
    assert remove_field(text, kind, ("stepvalue", 3)) == "stepvalue: [10, 20, 30] # steps\n"


def test_layers_are_added_removed_and_renamed() -> None:
    new = 'layer { name: "sig" type: "Sigmoid" bottom: "ip" top: "s" }'
    kind = pb.NetParameter
    added = add_layer(NET, kind, new, 0)
    assert [layer.name for layer in read_text(added, kind).message.layer] == ["ip", "sig", "relu"]
    assert remove_layer(added, kind, 1) == NET
    renamed = read_text(rename(NET, kind, "ip", "full"), kind).message
    assert renamed.layer[0].name == renamed.layer[0].top[0] == renamed.layer[1].bottom[0] == "full"
    assert read_text(add_layer("", kind, new, None), kind).message.layer[0].name == "sig"


@pytest.mark.parametrize(
    ("path", "word", "told"),
    [
        (("layer", 0, "inner_product_param", "num_output"), "many", "num_output"),
        (("layer", 0, "inner_product_param", "num_output"), "3 bias_term: false", "more than one"),
        (("layer", 0, "inner_product_parm", "num_output"), "3", "no field"),
        (("layer", 0, "type", "x"), "3", "no field"),
    ],
)
def test_what_does_not_fit_is_refused(path: tuple[Any, ...], word: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        set_value(NET, pb.NetParameter, path, word)


def test_a_text_cannot_break_out_of_its_quotes() -> None:
    edited = set_value(NET, pb.NetParameter, ("name",), 'x" force_backward: true #')
    message = read_text(edited, pb.NetParameter).message
    assert message.name == 'x" force_backward: true #' and not message.force_backward
    assert isinstance(read_spans(edited, pb.NetParameter)[1], Spans)
