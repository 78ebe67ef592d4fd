"""What `mycaffe export onnx` makes of a model text or a snapshot."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mycaffe_py.export.answers import known_of
from mycaffe_py.export.exported_net import exported_net
from mycaffe_py.export.given import Given
from mycaffe_py.export.onnx.answering import to_answering_onnx
from mycaffe_py.export.onnx.facts import answering_facts, onnx_facts
from mycaffe_py.export.onnx.onnx_net import OnnxNet
from mycaffe_py.export.onnx.translate import to_onnx
from mycaffe_py.trained.kept_threshold import read


@dataclass(frozen=True)
class Wanted:
    """The phase (None: the one that fits), the net alone (`plain`), blobs, type of the inputs."""

    phase: int | None = None
    plain: bool = False
    blobs: tuple[str, ...] = ()
    input_type: str = ""


@dataclass(frozen=True)
class Made:
    """The net for ONNX, and notes for people."""

    net: OnnxNet
    notes: tuple[str, ...]


def exported_onnx(given: Given, wanted: Wanted) -> Made:
    """The net of `given` as ONNX; a snapshot's with all that `identify` knows of it."""
    plain = exported_net(
        given.text,
        given.weights,
        phase=wanted.phase,
        shapes=given.shapes,
        opening=given.opening,
    )
    facts = onnx_facts(given.text, plain, given.record)
    if given.snapshot is None or wanted.plain:
        net = to_onnx(plain, facts, wanted.blobs, input_type=wanted.input_type or "float32")
        return Made(net, plain.notes)
    known = known_of(given.snapshot, read(given.snapshot))
    net = to_answering_onnx(plain, known, wanted.blobs, wanted.input_type)
    told = answering_facts(facts, net, plain, known, bool(wanted.blobs))
    return Made(replace(net, facts=told), (*plain.notes, *known.notes))
