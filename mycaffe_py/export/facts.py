"""Floor 7. What a user of an exported file must know that no tensor says."""

from __future__ import annotations

from google.protobuf import text_format

from mycaffe_py.data.picture_record import PictureRecord
from mycaffe_py.export.plain_net import PlainNet
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.solver.texts import NetText

# Of the options of a data layer: those that change numbers, also outside training.
_LASTING = ("scale", "mean_value", "mean_file", "crop_size", "use_imagedb_mean", "force_gray")

# Under this name the record is found by programs.
RECORD = "picture_record"


def onnx_facts(
    text: NetText, plain: PlainNet, record: PictureRecord | None = None
) -> dict[str, str]:
    """What the data layer did to pictures before the net saw them, and how to read the answer.

    `record` tells how files became the pictures of the data set.
    """
    facts = {}
    if record is not None:
        facts = {RECORD: record.to_json()}
    for layer in text.net.layer:
        phases = {rule.phase for rule in layer.include}
        if layer.HasField("transform_param") and phases != {pb.TRAIN}:
            lasting = _lasting(layer.transform_param)
            if lasting:
                facts["pictures"] = f"0-255, then {lasting}"
    kinds = {top: node.layer.type for node in plain.graph.nodes for top in node.tops[:1]}
    for name in plain.graph.outputs:
        if kinds.get(name) == "Decode":
            facts[name] = "squared distances to the labels' centroids; the smallest is the answer"
    return facts


def comments(record: PictureRecord | None) -> list[str]:
    """The record for the head of a text, in words and as JSON."""
    if record is None:
        return []
    return [f"pictures read as {record.words()}", f"{RECORD} {record.to_json()}"]


def _lasting(options: pb.TransformationParameter) -> str:
    kept = pb.TransformationParameter()
    kept.CopyFrom(options)
    for field, _ in options.ListFields():
        if field.name not in _LASTING:
            kept.ClearField(field.name)
    return text_format.MessageToString(kept, as_one_line=True).strip()
