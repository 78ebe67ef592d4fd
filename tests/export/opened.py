"""Runs what was exported in onnxruntime, beside the net it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

from mycaffe_py.export.exported_net import ExportedNet, exported_net
from mycaffe_py.export.onnx.batch_lengths import is_input
from mycaffe_py.export.onnx.onnx_file import write_onnx
from mycaffe_py.export.onnx.translate import to_onnx
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from mycaffe_py.proto.upgrade import upgrade_parsed_net
from mycaffe_py.snapshot.run_card import TextCard

Array = np.ndarray[Any, Any]


def net_text(text: str, file: str = "net.prototxt") -> NetText:
    """The net of a model text."""
    parsed = upgrade_parsed_net(read_text(text, pb.NetParameter, file))
    return NetText(parsed.message, parsed.locations, State(pb.TEST), TextCard(file, text))


def with_inputs(layer: str, shapes: Mapping[str, tuple[int, ...]]) -> str:
    """A text with Input layers of these shapes in front of `layer`."""
    inputs = []
    for name, shape in shapes.items():
        dims = " ".join(f"dim: {dim}" for dim in shape)
        inputs.append(
            f'layer {{ name: "{name}" type: "Input" top: "{name}" '
            f"input_param {{ shape {{ {dims} }} }} }}\n"
        )
    return "".join(inputs) + layer


class Opened:
    """A net and its ONNX file, checked by onnx and open in onnxruntime."""

    def __init__(self, plain: ExportedNet, path: Path, **options: Any) -> None:
        self.plain = plain
        self.onnx = to_onnx(plain)
        self.files = write_onnx(path, self.onnx, **options)
        onnx.checker.check_model(path, full_check=True)
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = 1
        settings.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(path, settings)

    @property
    def inputs(self) -> dict[str, tuple[int | str, ...]]:
        return {port.name: port.dims for port in self.onnx.inputs}

    @property
    def outputs(self) -> dict[str, tuple[int | str, ...]]:
        return {port.name: port.dims for port in self.onnx.outputs}

    def shapes(self, batch: int) -> dict[str, tuple[int, ...]]:
        """Of the inputs, for a batch."""
        return {
            name: tuple(batch if dim == "N" else int(dim) for dim in dims)
            for name, dims in self.inputs.items()
        }

    def run(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """The file's outputs."""
        feed = {name: np.asarray(array, np.float32) for name, array in arrays.items()}
        return dict(zip(self.outputs, self.session.run(list(self.outputs), feed), strict=True))

    def expected(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """The net's, called as in the file."""
        net = self.plain.net
        net.reshape({name: array.shape for name, array in arrays.items()})
        net.feed({name: np.asarray(array, np.float32) for name, array in arrays.items()})
        net.forward()
        made = {top for node in net.graph.nodes if not is_input(node) for top in node.tops}
        blobs = [name for name in net.graph.outputs if name in made]
        return {name: net.blob(blob).copy() for name, blob in zip(self.outputs, blobs, strict=True)}

    def check(self, arrays: Mapping[str, Array], tolerance: float = 1e-4) -> dict[str, Array]:
        """Both agree within `tolerance` of each output's largest value; returns the net's."""
        expected, found = self.expected(arrays), self.run(arrays)
        for name, wanted in expected.items():
            assert found[name].shape == wanted.shape, name
            scale = max(float(np.abs(wanted).max(initial=0)), 1e-6)
            assert np.isfinite(wanted).all(), name
            worst = float(np.abs(found[name] - wanted).max(initial=0))
            assert worst <= tolerance * scale, f"{name}: off by {worst:g}, values reach {scale:g}"
        return expected


def randomise(plain: ExportedNet, seed: int = 1) -> None:
    """BatchNorm's statistics and Decode's centroids, which no filler makes, at random."""
    random = np.random.default_rng(seed)
    for node in plain.graph.nodes:
        values = [plain.net.values[key] for key in node.params]
        if node.layer.type == "BatchNorm":
            values[0][...] = random.normal(size=values[0].shape)
            values[1][...] = random.uniform(0.5, 2, size=values[1].shape)
            values[2][...] = 1
        elif node.layer.type == "Decode":
            values[0][...] = random.normal(size=values[0].shape)
            values[1][...] = values[2][...] = 1


def opened(text: str, path: Path, **options: Any) -> Opened:
    """The net of a model text with random weights, in a file at `path`."""
    plain = exported_net(net_text(text))
    randomise(plain)
    return Opened(plain, path, **options)
