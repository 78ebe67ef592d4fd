"""A net for ONNX that answers as `identify` does: inputs as they were recorded, classes by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mycaffe_py.export.answers import AnswerBlobs, Answers, Known, blobs_of
from mycaffe_py.export.exported_net import ExportedNet
from mycaffe_py.export.onnx.naming import with_naming
from mycaffe_py.export.onnx.onnx_net import OnnxNet, pruned
from mycaffe_py.export.onnx.preprocessing import with_preprocessing
from mycaffe_py.export.onnx.translate import to_onnx


def to_answering_onnx(
    plain: ExportedNet, known: Known, blobs: Sequence[str] = (), input_type: str = ""
) -> OnnxNet:
    """The net with all that is `known` in it; with `blobs` these are its only outputs.

    Its own outputs come first, as in `to_onnx`; then the encoding, and what names a class.
    """
    found = None if blobs else blobs_of(plain.graph)
    more = [] if found is None else [found.encoding]
    if known.like is None or known.transform is None:
        return to_onnx(plain, blobs=blobs, more=more, input_type=input_type or "float32")
    if known.answers is not None and found is not None:
        net = _named(plain, known.answers, found)
    else:
        net = to_onnx(plain, blobs=blobs, more=more)
    return with_preprocessing(net, known.like, known.transform, input_type)


def _named(plain: ExportedNet, answers: Answers, found: AnswerBlobs) -> OnnxNet:
    """The net with the naming behind it; what only the naming reads is no output."""
    read = [blob for blob in (found.features, found.distances) if blob]
    outputs = to_onnx(plain, more=[found.encoding]).outputs
    net = with_naming(to_onnx(plain, more=[found.encoding, *read]), answers, found)
    hidden = set(read) - {port.name for port in outputs}
    return pruned(
        replace(net, outputs=tuple(port for port in net.outputs if port.name not in hidden))
    )
