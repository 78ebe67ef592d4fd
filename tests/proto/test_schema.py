"""The schema: BVLC's numbers kept, every field documented, generated code up to date."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google.protobuf import descriptor_pb2

from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.templates import text_folder

PROTO = text_folder("protos") / "mycaffe.proto"
# Facts of BVLC Caffe's schema: one row for each field and enum value.
FACTS = Path(__file__).parent / "bvlc_fields.tsv"
# Fields that forks of Caffe added, with the numbers they gave them. One number may stand here for
# several forks' fields, and one field with several numbers: nobody kept a common list.
FORKS = Path(__file__).parent / "fork_fields.tsv"
TYPES = {
    number: name.removeprefix("TYPE_").lower()
    for name, number in descriptor_pb2.FieldDescriptorProto.Type.items()
}
DECLARATION = re.compile(r"\s*(message|enum|optional|repeated|required) ")
ENUM_VALUE = re.compile(r"\s*([A-Z][A-Z0-9_]*) = \d+;")


@cache
def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def _facts(kind: str) -> list[dict[str, str]]:
    return [row for row in _table(FACTS) if row["kind"] == kind]


def _may_have_number(message: str, field: str, number: int) -> bool:
    """Whether the number is BVLC's or a fork's for just this field, or one of our own."""
    bvlc = {(row["message_or_enum"], row["name"]): int(row["number"]) for row in _facts("field")}
    forks = {(row["message"], row["name"], int(row["number"])) for row in _table(FORKS)}
    if (message, field) in bvlc:
        return bvlc[message, field] == number
    return number >= 1000 or (message, field, number) in forks


def _message(name: str) -> descriptor_pb2.DescriptorProto:
    found = descriptor_pb2.DescriptorProto()
    pb.DESCRIPTOR.message_types_by_name[name].CopyToProto(found)
    return found


def _type(field: descriptor_pb2.FieldDescriptorProto) -> str:
    plain = TYPES[field.type]
    return f"{plain} {field.type_name.removeprefix('.caffe.')}" if field.type_name else plain


def _same_default(stated: str, written: str) -> bool:
    try:
        return float(stated) == pytest.approx(float(written))
    except ValueError:
        return stated.strip('"') == written


def test_every_field_of_bvlc_is_here() -> None:
    facts = _facts("field")
    assert len(facts) > 380
    for row in facts:
        fields = {field.name: field for field in _message(row["message_or_enum"]).field}
        field = fields[row["name"]]
        label = descriptor_pb2.FieldDescriptorProto.Label.Name(field.label)
        assert field.number == int(row["number"]), row
        assert label == f"LABEL_{row['label'].upper()}", row
        assert _type(field) == row["type"], row
        assert field.options.packed == (row["packed"] == "yes"), row
        assert field.HasField("default_value") == bool(row["default"]), row
        assert _same_default(row["default"], field.default_value), row


def test_every_enum_value_of_bvlc_is_here() -> None:
    for row in _facts("enum"):
        owner, _, name = row["message_or_enum"].rpartition(".")
        holder: Any = pb.DESCRIPTOR.message_types_by_name[owner] if owner else pb.DESCRIPTOR
        assert holder.enum_types_by_name[name].values_by_name[row["name"]].number == int(
            row["number"]
        )


def test_additions_have_numbers_from_1000() -> None:
    """What a fork added may keep the fork's number, so that both read each other's files."""
    for name in pb.DESCRIPTOR.message_types_by_name:
        for field in _message(name).field:
            assert _may_have_number(name, field.name, field.number), f"{name}.{field.name}"


@pytest.mark.parametrize(
    ("message", "field", "number", "allowed"),
    [
        ("LayerParameter", "annotated_data_param", 200, True),
        ("LayerParameter", "multibox_loss_param", 201, True),
        ("LayerParameter", "permute_param", 202, True),
        ("LayerParameter", "prior_box_param", 203, True),
        ("LayerParameter", "detection_output_param", 204, True),
        ("LayerParameter", "norm_param", 206, True),
        ("PermuteParameter", "order", 1, True),
        ("LayerParameter", "permute_param", 203, False),
        ("LayerParameter", "my_own_param", 202, False),
        ("LayerParameter", "my_own_param", 1202, True),
        ("LayerParameter", "convolution_param", 1106, False),
    ],
)
def test_a_field_has_the_number_of_whoever_added_it(
    message: str, field: str, number: int, allowed: bool
) -> None:
    assert _may_have_number(message, field, number) == allowed


def test_a_fork_repeats_no_field_of_bvlc() -> None:
    bvlc = {(row["message_or_enum"], row["name"]) for row in _facts("field")}
    rows = _table(FORKS)
    assert len(rows) > 400
    assert not [row for row in rows if (row["message"], row["name"]) in bvlc]


def test_everything_has_a_comment() -> None:
    lines = PROTO.read_text(encoding="utf-8").split("\n")
    undocumented = []
    fields = 0
    in_old_form = False
    for i, line in enumerate(lines):
        in_old_form = in_old_form or "-- old forms" in line
        fields += bool(re.match(r"\s*(optional|repeated|required) ", line))
        is_new_value = ENUM_VALUE.match(line) and not in_old_form
        if (DECLARATION.match(line) or is_new_value) and not re.match(r"\s*// \S", lines[i - 1]):
            undocumented.append(line)
    assert not undocumented
    assert fields == sum(len(_message(name).field) for name in pb.DESCRIPTOR.message_types_by_name)


def test_comments_tell_defaults() -> None:
    text = re.sub(r"\n\s*// ", " // ", PROTO.read_text(encoding="utf-8"))
    silent = [
        line
        for line in re.findall(r"// [^\n]*\n[^\n]*\[default = [^\n]*", text)
        if not re.search(r"[Dd]efault|Old", line.split("\n")[0])
    ]
    assert not silent


def test_the_generated_module_is_of_this_proto(tmp_path: Path) -> None:
    pytest.importorskip("grpc_tools.protoc", reason="needs grpcio-tools")
    out = tmp_path / "set.pb"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO.parent}", "-o", str(out)]
    subprocess.run([*command, PROTO.name], check=True)
    compiled = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file[0]
    generated = descriptor_pb2.FileDescriptorProto.FromString(pb.DESCRIPTOR.serialized_pb)
    assert _plain(generated) == _plain(compiled)


def _plain(
    file: descriptor_pb2.FileDescriptorProto,
) -> descriptor_pb2.FileDescriptorProto:
    """Without what protoc versions write differently: JSON names, digits of float defaults."""
    for message in file.message_type:
        for field in message.field:
            field.ClearField("json_name")
            if field.HasField("default_value") and TYPES[field.type] == "float":
                field.default_value = repr(np.float32(field.default_value))
            elif field.HasField("default_value") and TYPES[field.type] == "double":
                field.default_value = repr(float(field.default_value))
    return file


def test_the_generated_module_demands_no_runtime_version() -> None:
    text = Path(pb.__file__).read_text(encoding="utf-8")
    assert "runtime_version" not in text
    assert "# Protobuf Python Version: 4.25" in text
