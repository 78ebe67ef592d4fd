"""Images a second of the public image nets, forward: ours, PyTorch eager and OpenCV's dnn.

python -m tests.benchmarks.image_nets_vs_others [--threads 1 2] [--rounds 5] [--block 1]

Batch 8, the same random weights on all sides; OpenCV reads our caffemodel. It needs
pip install 'opencv-python-headless<5'; without it a line says that it is left out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import layer_weights
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.templates import find_text
from mycaffe_py.proto.text import read_text_file, write_text
from mycaffe_py.random_streams import stream
from mycaffe_py.snapshot.weights import write_weights
from tests.benchmarks import interleaved
from tests.benchmarks.torch_graph import TorchGraph

BATCH = 8
NETS = ("resnet50", "squeezenet", "mobilenet", "googlenet", "alexnet")
OURS = "ours"
Call = Callable[[], Any]


def _net(name: str) -> tuple[pb.NetParameter, Net, Net]:
    """The text at batch 8, and the net without and with passes on the same weights."""
    parsed = read_text_file(find_text(name, "model"), pb.NetParameter)
    parsed.message.layer[0].input_param.shape[0].dim[0] = BATCH
    nets: list[Net] = []
    for passes in ((), ALL_PASSES):
        graph = compile_net(
            parsed.message, parsed.locations, State(pb.TEST), passes=passes, backward=False
        )
        nets.append(Net(graph, seed=1, share=nets[0].params if nets else None))
    plain, fast = nets
    _fill_statistics(plain)
    pictures = stream(1, "pictures", 0).normal(size=plain.blob("data").shape).astype("float32")
    for net in nets:
        net.feed({"data": pictures})
    return parsed.message, plain, fast


def _fill_statistics(net: Net) -> None:
    """Means and variances as after a training, where the fillers leave 0."""
    for node in net.graph.nodes:
        if node.layer.type == "BatchNorm":
            mean, variance, count = (net.values[key] for key in node.params)
            numbers = stream(1, f"statistics/{node.name}", 0)
            mean[...] = 0.1 * numbers.random(mean.shape)
            variance[...] = 0.5 + numbers.random(variance.shape)
            count[...] = 1


def _by_torch(plain: Net) -> dict[str, Call]:
    x = torch.from_numpy(plain.blob("data").copy())
    lines = x.to(memory_format=torch.channels_last)
    eager = TorchGraph(plain)
    last = TorchGraph(plain).to(memory_format=torch.channels_last)

    def call(module: TorchGraph, pictures: torch.Tensor) -> Call:
        def run() -> torch.Tensor:
            with torch.inference_mode():
                return module(pictures)

        return run

    return {
        "PyTorch eager": call(eager, x),
        "PyTorch eager, channels last": call(last, lines),
    }


def _by_opencv(text: pb.NetParameter, plain: Net, threads: int) -> dict[str, Call]:
    try:
        import cv2
    except ImportError:
        cv2 = None
    if cv2 is None or not hasattr(cv2.dnn, "readNetFromCaffe"):
        print("(OpenCV's dnn is left out: pip install 'opencv-python-headless<5')")
        return {}
    cv2.setNumThreads(threads)
    with tempfile.TemporaryDirectory() as folder:
        model, weights = Path(folder, "net.prototxt"), Path(folder, "net.caffemodel")
        model.write_text(write_text(text))
        write_weights(weights, text.name, layer_weights(plain, list(text.layer)))
        theirs = cv2.dnn.readNetFromCaffe(str(model), str(weights))
    pictures = plain.blob("data").copy()

    def run() -> Any:
        theirs.setInput(pictures)
        return theirs.forward()

    return {f"OpenCV {cv2.__version__} dnn": run}


def _check(name: str, fast: Net, calls: dict[str, Call]) -> None:
    """All sides say the same of every picture."""
    fast.forward()
    ours = fast.blob(fast.graph.outputs[0]).reshape(BATCH, -1)
    for other, call in calls.items():
        theirs = torch.as_tensor(call()).reshape(BATCH, -1).numpy()
        apart = float(abs(theirs - ours).max()) / float(abs(ours).max())
        if not apart <= 1e-3:
            raise SystemExit(f"{name}: {other} is {apart:.1e} from ours: not the same net")


def main() -> None:
    """All nets on each number of threads."""
    args = interleaved.options(__doc__ or "", rounds=5, block=1)
    interleaved.print_head("tests.benchmarks.image_nets_vs_others")
    for threads in args.threads:
        interleaved.use_threads(threads)
        interleaved.print_peak(threads)
        for name in NETS:
            text, plain, fast = _net(name)
            others = {**_by_torch(plain), **_by_opencv(text, plain, threads)}
            _check(name, fast, others)
            calls = {OURS: fast.forward, **others}
            found = interleaved.measure(calls, args.rounds, args.block)
            title = f"{name}, batch {BATCH}, {threads} thread{'s' * (threads > 1)}"
            interleaved.print_table(found, OURS, title, BATCH)
            print()


if __name__ == "__main__":
    main()
