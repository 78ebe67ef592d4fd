"""How many rows of a feature table a Data layer hands to a head, against 200,000 rows/s.

    python -m tests.benchmarks.feature_rows [--rows 60000] [--size 2048] [--batch 256]

A table of random values is written to a temporary folder and read in random order, as in training:
by a Data layer in a net that holds nothing else, so prefetch and copies count. The best of several
rounds; `features` counts single rows, in pairs too.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from mycaffe_py.data.feature_tables.feature_card import Base, TableCard, TableFiles
from mycaffe_py.data.feature_tables.feature_checks import trust_values
from mycaffe_py.engine.net import Net
from mycaffe_py.evaluate.features.feature_writing import TableWriter
from mycaffe_py.evaluate.timing.machine import this_machine
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text

_LABELS = 100
_CHUNK = 1000
_ROUNDS = 7
_WANTED_PER_S = 200_000


def write_table(rows: int, size: int, dtype: str) -> str:
    """Write a table of random values and return its source name."""
    base = Base("pool5", "", "", str(Path("no such file")), "", "", "")
    name = f"T{dtype}.training"
    labels = np.arange(rows, dtype=np.int64) % _LABELS
    names = {label: str(label) for label in range(_LABELS)}
    card = TableCard(
        name, "GONE.training", "", rows, 1, size, dtype, 0, "", _CHUNK, base, names
    )  # fmt: skip
    files = TableFiles.of(f"T{dtype}", "training")
    numbers = np.random.default_rng(1)
    with TableWriter(files, card, labels) as writer:
        while writer.done < rows:
            count = min(_CHUNK, rows - writer.done)
            writer.append(numbers.random((count, size), dtype=np.float32))
        made = writer.finish(labels)
    trust_values(made, files)
    return name


def rows_per_s(source: str, batch: int, per_blob: int, prefetch: int, rows: int) -> float:
    """Of the best round; a round reads as many rows as the table has."""
    text = (
        f'layer {{ name: "f" type: "Data" top: "data" top: "label" data_param {{ '
        f'source: "{source}" batch_size: {batch // per_blob} images_per_blob: {per_blob} '
        f"prefetch: {prefetch} }} }}"
    )
    parsed = read_text(text, pb.NetParameter)
    graph = compile_net(
        NetText(parsed.message, parsed.locations, State(pb.TRAIN)), seed=1, passes=ALL_PASSES
    )  # fmt: skip
    net = Net(graph)
    batches = rows // batch
    number = 0
    best = float("inf")
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        for _ in range(batches):
            net.forward(number)
            number += 1
        best = min(best, time.perf_counter() - start)
    return batches * batch / best


def main() -> None:
    """Print one line a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--size", type=int, default=2048)
    parser.add_argument("--batch", type=int, default=256)
    args = parser.parse_args()
    print(this_machine())
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MYCAFFE_DATA"] = folder
        for dtype in ("float32", "float16"):
            source = write_table(args.rows, args.size, dtype)
            for per_blob in (1, 2):
                for prefetch in (0, 4):
                    found = rows_per_s(source, args.batch, per_blob, prefetch, args.rows)
                    kind = "singly" if per_blob == 1 else "in pairs"
                    print(
                        f"{args.rows:,} x {args.size} {dtype}, {kind}, prefetch {prefetch}: "
                        f"{found:,.0f} rows/s ({found / _WANTED_PER_S:.2f} of what is wanted)"
                    )


if __name__ == "__main__":
    main()
