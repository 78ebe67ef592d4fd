"""Our ONNX export in the engines that people run such files with: onnxruntime and OpenVINO."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mycaffe_py.engine.net import Net
from mycaffe_py.export.exported_net import exported_net
from mycaffe_py.export.onnx.onnx_file import write_onnx
from mycaffe_py.export.onnx.translate import to_onnx
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.proto import mycaffe_pb2 as pb

Call = Callable[[], Any]


def by_onnx(text: NetText, plain: Net, threads: int) -> dict[str, Call]:
    """Each engine that is installed, on the weights and pictures of `plain`; others are told."""
    exported = exported_net(text, phase=pb.TEST)
    for key, array in exported.net.values.items():
        array[...] = plain.values[key]
    pictures = plain.blob("data").copy()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "net.onnx")
        write_onnx(path, to_onnx(exported))
        return engines_of(path, pictures, threads)


def engines_of(path: Path, pictures: Any, threads: int) -> dict[str, Call]:
    """Each engine that is installed, on the net of one input in a file, and on these pictures."""
    return {**_onnxruntime(path, pictures, threads), **_openvino(path, pictures, threads)}


def _onnxruntime(path: Path, pictures: Any, threads: int) -> dict[str, Call]:
    try:
        import onnxruntime
    except ImportError:
        print("(onnxruntime is left out: pip install onnxruntime)")
        return {}
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Its threads would go on spinning on the cores of the other sides.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name, wanted = session.get_inputs()[0].name, session.get_outputs()[0].name

    def run() -> Any:
        return session.run([wanted], {name: pictures})[0]

    return {f"onnxruntime {onnxruntime.__version__}": run}


def _openvino(path: Path, pictures: Any, threads: int) -> dict[str, Call]:
    try:
        import openvino
    except ImportError:
        print("(OpenVINO is left out: pip install openvino)")
        return {}
    model = openvino.Core().read_model(path)
    model.reshape({model.inputs[0]: pictures.shape})
    settings = {
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "PERFORMANCE_HINT": "LATENCY",
    }
    request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()

    def run() -> Any:
        request.infer([pictures], share_inputs=True)
        return request.get_output_tensor(0).data

    return {f"OpenVINO {openvino.__version__.split('-')[0]}": run}
