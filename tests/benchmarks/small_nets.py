"""Small nets through pycaffe at batch 1, against OpenCV's dnn: a 12-net, and det1 to det3 of MTCNN.

    python -m tests.benchmarks.small_nets [--threads 1] [--rounds 30] [--block 50]

The same random weights on both sides. A call copies a picture in, runs the net and hands out all
outputs. `cpu` is our processor time of a call, which other work on the machine hardly changes.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import mycaffe_py.pycaffe as caffe
from tests.benchmarks import interleaved
from tests.benchmarks.small_net_texts import SMALL_NETS

OURS = "ours"
_CLOSE = 1e-4
_CALLS = 300


def _calls(text: str, threads: int) -> tuple[caffe.Net, dict[str, Callable[[], Any]]]:
    """Our net, and a call of each side."""
    cv2.setNumThreads(threads)
    with tempfile.TemporaryDirectory() as folder:
        model, weights = Path(folder, "net.prototxt"), Path(folder, "net.caffemodel")
        model.write_text(text, encoding="utf-8")
        net = caffe.Net(str(model), caffe.TEST)
        net.save(weights)
        theirs = cv2.dnn.readNetFromCaffe(str(model), str(weights))
    data = net.blobs["data"]
    picture = np.random.default_rng(1).normal(size=data.shape).astype(np.float32)

    def our_call() -> Any:
        data.data[...] = picture
        return net.forward()

    def their_call() -> Any:
        theirs.setInput(picture)
        return theirs.forward(net.outputs)

    for values, other in zip(our_call().values(), their_call(), strict=True):
        if not np.allclose(values, other.reshape(values.shape), atol=_CLOSE):
            raise SystemExit(f"{net.outputs}: both sides differ")
    return net, {OURS: our_call, f"OpenCV {cv2.__version__} dnn": their_call}


def _cpu_us(call: Callable[[], Any]) -> float:
    """Processor time of a call."""
    began = time.process_time()
    for _ in range(_CALLS):
        call()
    return (time.process_time() - began) / _CALLS * 1e6


def main() -> None:
    """All nets on each number of threads."""
    args = interleaved.options(__doc__ or "", rounds=30, block=50)
    interleaved.print_head("tests.benchmarks.small_nets")
    for threads in args.threads:
        interleaved.use_threads(threads)
        for name, text in SMALL_NETS.items():
            net, calls = _calls(text, threads)
            found = interleaved.measure(calls, args.rounds, args.block)
            ours = found[OURS]
            print(f"{name}, {len(net.layers)} layers, {threads} thread{'s' * (threads > 1)}:")
            for side, one in found.items():
                low, ratio, high = one.over(ours)
                print(
                    f"  {side}: {one.median_ms * 1e3:.1f} us, fastest {one.least_ms * 1e3:.1f}, "
                    f"cpu {_cpu_us(calls[side]):.1f}; {ratio:.2f} x ours ({low:.2f}-{high:.2f})"
                )


if __name__ == "__main__":
    main()
