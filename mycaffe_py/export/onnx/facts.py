"""What a user of an exported file must know that no tensor says."""

from __future__ import annotations

import json
from collections.abc import Mapping

from google.protobuf import text_format

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.pictures.picture_record import PictureRecord
from mycaffe_py.export.answer_facts import answer_facts
from mycaffe_py.export.answers import Known, encoding_of
from mycaffe_py.export.exported_net import ExportedNet
from mycaffe_py.export.onnx.onnx_net import OnnxNet, Port
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.proto import mycaffe_pb2 as pb

# Of the options of a data layer: those that change numbers, also outside training.
_LASTING = ("scale", "mean_value", "mean_file", "crop_size", "use_imagedb_mean", "force_gray")

# Under this name the record is found by programs.
RECORD = "picture_record"
_PICTURES = "pictures"


def onnx_facts(
    text: NetText, plain: ExportedNet, record: PictureRecord | None = None
) -> dict[str, str]:
    """What the data layer did to pictures before the net saw them, and how to read the answer.

    `record` tells how files became the pictures of the data set.
    """
    facts = {}
    if record is not None:
        facts = {RECORD: record.to_json()}
    lasting = _lasting_of(text)
    if lasting:
        facts[_PICTURES] = f"0-255, then {lasting}"
    answers = {top: node.layer.answers for node in plain.graph.nodes for top in node.tops[:1]}
    for name in plain.graph.outputs:
        if answers.get(name) == "distances":
            facts[name] = "squared distances to the labels' centroids; the smallest is the answer"
    return facts


def answering_facts(
    facts: Mapping[str, str], net: OnnxNet, plain: ExportedNet, known: Known, blobs: bool
) -> dict[str, str]:
    """`facts` for a net that takes inputs as they are and names classes; lists are JSON.

    `blobs`: its outputs are blobs that a user named, so that it names none.
    """
    told = {key: value for key, value in facts.items() if key != _PICTURES}
    if known.like is not None:
        told |= {port.name: _entering(port, known.like) for port in net.inputs}
    if blobs:
        return {key: value for key, value in told.items() if key not in plain.graph.outputs}
    encoding = encoding_of(plain.graph)
    if encoding:
        told["encoding"] = encoding
    for key, value in answer_facts(known, "onnx").items():
        told[key] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return told


def _entering(port: Port, like: ArraySource) -> str:
    """What an input takes, and what is done to it inside."""
    axes = " x ".join(map(str, port.dims))
    if like.counters:
        return f"{axes} ({port.dtype}): time steps and counters in their own units, scaled inside"
    record = PictureRecord.from_json(like.pictures) if like.pictures else None
    inverted = f", inverted: {record.invert}" if record is not None and record.gray else ""
    colours = "C is 1 or 3 (RGB)" if "C" in port.dims else "channels last"
    return f"{axes} ({port.dtype}), 0-255, {colours}; inside: channels, mean, scale{inverted}"


def comments(record: PictureRecord | None) -> list[str]:
    """The record for the head of a text, in words and as JSON."""
    if record is None:
        return []
    return [f"pictures read as {record.words()}", f"{RECORD} {record.to_json()}"]


def _lasting_of(text: NetText) -> str:
    """What the last data layer of a test does to pictures, as the text says it."""
    found = ""
    for layer in text.net.layer:
        phases = {rule.phase for rule in layer.include}
        if layer.HasField("transform_param") and phases != {pb.TRAIN}:
            found = _lasting(layer.transform_param) or found
    return found


def _lasting(options: pb.TransformationParameter) -> str:
    kept = pb.TransformationParameter()
    kept.CopyFrom(options)
    for field, _ in options.ListFields():
        if field.name not in _LASTING:
            kept.ClearField(field.name)
    return text_format.MessageToString(kept, as_one_line=True).strip()


def for_programs(key: str) -> bool:
    """Whether this fact is long, and for programs more than for people."""
    return key in (RECORD, "counters", "label_names", "rule")
