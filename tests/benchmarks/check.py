"""CPU time of one check of a model text inside a running process, against 20 ms.

    python -m tests.benchmarks.check [--model siamese_28x28] [--rounds 200]

An editor checks a text whenever the typing pauses: it is read, and its TRAIN, TEST and RUN nets are
planned as `mycaffe explain` plans them. Told are the medians of process time, all threads together,
after a first check, which imports the layers. With MNIST in the data folder, heads of it are read.

Two Xeon cores that other programs were busy on, Python 3.11, MNIST in the data folder: 17.7 ms
(text 4.6, nets 13.0); lenet 8.9, siamese_lstm_oneshot 9.3. It was 169 ms when a check read all of
MNIST.
"""

from __future__ import annotations

import argparse
import statistics
import time

from mycaffe_py.data.opening import LOOKING
from mycaffe_py.graph.compile import compile_net, compile_run_net
from mycaffe_py.graph.net_text import read_model
from mycaffe_py.proto import mycaffe_pb2 as pb

_WANTED_MS = 20


def check(model: str) -> tuple[float, float]:
    """Milliseconds of CPU for reading the text, and for planning its three nets."""
    began = time.process_time()
    read = read_model(model)
    parsed = time.process_time()
    graphs = [compile_net(read.in_state(phase), opening=LOOKING) for phase in (pb.TRAIN, pb.TEST)]
    shapes = {name: spec.shape for graph in graphs for name, spec in graph.blobs.items()}
    stored: dict[str, list[tuple[int, ...]]] = {}
    for param in graphs[0].params.values():
        stored.setdefault(param.layer, []).append(param.shape)
    compile_run_net(read.in_state(pb.RUN), shapes, 1, stored=stored, opening=LOOKING)
    ended = time.process_time()
    return 1e3 * (parsed - began), 1e3 * (ended - parsed)


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="siamese_28x28")
    parser.add_argument("--rounds", type=int, default=200)
    args = parser.parse_args()
    check(args.model)
    times = [check(args.model) for _ in range(args.rounds)]
    reading, planning = (statistics.median(column) for column in zip(*times, strict=True))
    whole = statistics.median(sum(row) for row in times)
    print(
        f"{args.model}: {whole:.1f} ms CPU a check (wanted: {_WANTED_MS}); "
        f"reading the text {reading:.1f}, planning three nets {planning:.1f}"
    )


if __name__ == "__main__":
    main()
