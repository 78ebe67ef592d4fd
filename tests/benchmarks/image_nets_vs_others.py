"""Images a second of the public image nets, forward: ours and other engines.

python -m tests.benchmarks.image_nets_vs_others [--threads 1 2] [--rounds 5] [--block 1]
    [--batches 1 8] [--nets resnet50 ...]

The others are PyTorch, onnxruntime and OpenVINO (of our ONNX export), and OpenCV's dnn, which reads
our caffemodel: pip install onnxruntime openvino 'opencv-python-headless<5'; a line says which of
them is left out. The same random weights on all sides, and the same cores: as many of the first as
there are threads. Each number of threads has a process of its own, since an engine (OpenVINO's TBB)
counts the cores once for all.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import fix_weights, layer_weights
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.templates import find_text
from mycaffe_py.proto.text import read_text_file, write_text
from mycaffe_py.random_streams import stream
from mycaffe_py.snapshot.weights import write_weights
from tests.benchmarks import interleaved
from tests.benchmarks.onnx_engines import by_onnx
from tests.benchmarks.torch_graph import TorchGraph

NETS = ("resnet50", "squeezenet", "mobilenet", "googlenet", "alexnet")
OURS = "ours"
_MODULE = "tests.benchmarks.image_nets_vs_others"
Call = Callable[[], Any]


def _net(name: str, batch: int) -> tuple[NetText, Net, Net]:
    """The text at this batch, and the net without and with passes on the same weights."""
    parsed = read_text_file(find_text(name, "model"), pb.NetParameter)
    parsed.message.layer[0].input_param.shape[0].dim[0] = batch
    text = NetText(parsed.message, parsed.locations, State(pb.TEST))
    nets: list[Net] = []
    for passes in ((), ALL_PASSES):
        graph = compile_net(text, passes=passes, backward=False)
        nets.append(Net(graph, seed=1, share=nets[0].params if nets else None))
    plain, fast = nets
    _fill_statistics(plain)
    pictures = stream(1, "pictures", 0).normal(size=plain.blob("data").shape).astype("float32")
    for net in nets:
        net.feed({"data": pictures})
    fix_weights(fast)
    return text, plain, fast


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
    ours = fast.blob(fast.graph.outputs[0])
    ours = ours.reshape(len(ours), -1)
    for other, call in calls.items():
        theirs = torch.as_tensor(call()).reshape(len(ours), -1).numpy()
        apart = float(abs(theirs - ours).max()) / float(abs(ours).max())
        if not apart <= 1e-3:
            raise SystemExit(f"{name}: {other} is {apart:.1e} from ours: not the same net")


def _compare(name: str, batch: int, threads: int, args: argparse.Namespace) -> str:
    """Measure one net, print its table, and return its row of the last one."""
    text, plain, fast = _net(name, batch)
    others = {
        **_by_torch(plain),
        **by_onnx(text, plain, threads),
        **_by_opencv(text.net, plain, threads),
    }
    _check(name, fast, others)
    calls = {OURS: fast.forward, **others}
    found = interleaved.measure(calls, args.rounds, args.block)
    title = f"{name}, batch {batch}, {threads} thread{'s' * (threads > 1)}"
    interleaved.print_table(found, OURS, title, batch)
    print()
    best = min((found[other] for other in others), key=lambda one: one.median_ms)
    low, high = interleaved.interval(best.block_ms / found[OURS].block_ms)
    middle = best.over(found[OURS])[1]
    mine, theirs = (1e3 * batch / one.median_ms for one in (found[OURS], best))
    ratio = f"{middle:.2f} ({low:.2f}-{high:.2f})"
    return f"| {title} | {mine:.1f} | {theirs:.1f}, {best.name} | {ratio} |"


def _options() -> argparse.Namespace:
    more = argparse.ArgumentParser(add_help=False)
    more.add_argument("--batches", type=int, nargs="+", default=[1, 8])
    more.add_argument("--nets", nargs="+", default=list(NETS))
    return interleaved.options(__doc__ or "", rounds=5, block=1, more=more)


def main() -> None:
    """All nets at each batch on each number of threads."""
    args = _options()
    if len(args.threads) > 1:
        for count in args.threads:
            own = [sys.executable, "-m", _MODULE, *sys.argv[1:], "--threads", str(count)]
            subprocess.run(own, check=True)
        return
    interleaved.print_head(_MODULE)
    (threads,) = args.threads
    # Threads that the engines start from here on stay on these cores, too.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    interleaved.use_threads(threads)
    interleaved.print_peak(threads)
    rows = [_compare(name, batch, threads, args) for name in args.nets for batch in args.batches]
    print("| | images/s, ours | best other | ours / best (90 % interval) |\n|---|---:|---:|---:|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
