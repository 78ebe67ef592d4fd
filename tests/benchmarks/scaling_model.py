"""How far training on several processes carries: a simulator, checked on one and two of them here.

    python -m tests.benchmarks.scaling_model [--nets lenet siamese_28x28 resnet50] [--steps 20]

A step on n processes takes as long as the slowest of them computes, then the exchange, then the
update of an n-th of the values:

    step(n, rows) = max over n of (fixed + each * rows) * noise + exchange(n) + update / n
    exchange(n) = 2 (n - 1) alpha + 2 (n - 1)/n bytes beta + 2 log2(n) alpha

alpha is the time of a message, beta that of a byte; the first two terms are the sums of segments
and the new weights, the last the words that all tell each other. What is measured here: fixed,
each, update, the spread of steps, alpha and beta. What is assumed of networks stands in LINKS.
docs/scaling.md says what came out.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

BATCHES = {"lenet": 512, "siamese_28x28": 64, "resnet50": 32}
RANKS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)
_DRAWS = 200
_FLOAT = 4


@dataclass(frozen=True)
class Link:
    """A network: seconds of a message, seconds of a byte."""

    name: str
    alpha: float
    beta: float

    @staticmethod
    def of(gbit: int, alpha: float) -> Link:
        """Nine tenths of the line are of use."""
        return Link(f"{gbit} Gbit/s", alpha, 8 / (0.9e9 * gbit))


# TCP on 10 and 25 Gbit/s, remote memory access on 100 Gbit/s.
LINKS = (Link.of(10, 30e-6), Link.of(25, 20e-6), Link.of(100, 5e-6))


@dataclass(frozen=True)
class Cost:
    """What a net takes: `fixed` + `each` seconds a row of a batch, and so on."""

    name: str
    batch: int
    values: int
    fixed: float
    each: float
    update: float
    spread: float

    def compute(self, rows: float) -> float:
        """Seconds of forward and backward."""
        return self.fixed + self.each * rows

    def alone(self, rows: float) -> float:
        """Seconds of a step on one process."""
        return self.compute(rows) + self.update


@dataclass(frozen=True)
class Way:
    """How the exchange is made: bytes a value, steps between two exchanges, rows of the text."""

    name: str
    bytes_each: int = _FLOAT
    local_steps: int = 1
    more_rows: int = 1


WAYS = (
    Way("as it is"),
    Way("batch x 4", more_rows=4),
    Way("16-bit gradients", bytes_each=2),
    Way("8 local steps", local_steps=8),
)


def exchange(ranks: int, values: int, link: Link, bytes_each: int = _FLOAT) -> float:
    """Seconds; see above."""
    size = values * bytes_each * (ranks - 1) / ranks
    return 2 * (ranks - 1 + math.log2(ranks)) * link.alpha + 2 * size * link.beta


def step(cost: Cost, ranks: int, rows: float, link: Link, way: Way = WAYS[0]) -> float:
    """Mean seconds of a step in which each process has `rows` rows."""
    random = np.random.default_rng(ranks)
    noise = random.lognormal(0, cost.spread, (_DRAWS, ranks)).max(axis=1).mean()
    shared = exchange(ranks, cost.values, link, way.bytes_each) / way.local_steps
    return float(cost.compute(rows) * noise + shared + cost.update / ranks)


def efficiency(cost: Cost, ranks: int, link: Link, way: Way, *, grow: bool) -> float:
    """Share of `ranks` times one process: each with the text's batch, or all with one batch."""
    rows = cost.batch * way.more_rows / (1 if grow else ranks)
    whole = cost.alone(rows) if grow else cost.alone(cost.batch * way.more_rows) / ranks
    return whole / step(cost, ranks, rows, link, way) if rows >= 1 else math.nan


def measured_link() -> Link:
    """alpha and beta of two processes here, by least squares of relative errors."""
    found = {int(size): seconds for size, seconds in _run(2, "--exchange").items()}
    sizes, seconds = np.array(list(found)), np.array(list(found.values()))
    # With two processes: 4 messages' time and the bytes of both halves.
    columns = np.column_stack([np.full(len(sizes), 4.0), sizes]) / seconds[:, np.newaxis]
    (alpha, beta), *_ = np.linalg.lstsq(columns, np.ones(len(sizes)), rcond=None)
    return Link("here", max(float(alpha), 0.0), float(beta))


def measured_cost(name: str, steps: int) -> tuple[Cost, float, float]:
    """What a net takes beside another run, and the steps of one and of two processes together."""
    batch = BATCHES[name]
    many = 8 if name != "resnet50" else 4
    few, more = (_beside([name, f"--shards={shards}", f"--steps={steps}"]) for shards in (2, many))
    update = few["update"]
    halves, parts = (
        (float(np.median(found["steps"])) - update) / shards
        for found, shards in ((few, 2), (more, many))
    )
    each = (halves - parts) / (batch / 2 - batch / many)
    logs = np.log(np.array(few["steps"]) / np.median(few["steps"]))
    spread = float(np.quantile(np.abs(logs), 0.68))
    cost = Cost(name, batch, few["values"], halves - each * batch / 2, each, update, spread)
    both = _run(2, name, "--shards=2", f"--steps={steps}")
    return cost, float(np.median(few["steps"])), float(np.median(both["steps"]))


def _beside(words: Sequence[str]) -> dict[str, Any]:
    """What a run tells while another of the same kind has the other core."""
    command = [sys.executable, "-m", "tests.benchmarks.scaling_steps", *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as other:
        found = subprocess.run(command, check=True, capture_output=True, text=True)
        other.wait()
    return dict(json.loads(found.stdout))


def _run(ranks: int, *words: str) -> dict[str, Any]:
    beside = Path(sys.executable).with_name("mpiexec")
    mpiexec = str(beside) if beside.exists() else shutil.which("mpiexec") or "mpiexec"
    command = [mpiexec, "-n", str(ranks), sys.executable, "-m", "tests.benchmarks.scaling_steps"]
    found = subprocess.run([*command, *words], check=True, capture_output=True, text=True)
    return dict(json.loads(found.stdout))


def _table(cost: Cost, way: Way, *, grow: bool) -> None:
    print("| | " + " | ".join(map(str, RANKS)) + " |")
    print("|---|" + "--:|" * len(RANKS))
    for link in LINKS:
        found = [efficiency(cost, ranks, link, way, grow=grow) for ranks in RANKS]
        told = [" " if math.isnan(one) else f"{100 * one:.0f}" for one in found]
        print(f"| {link.name} | " + " | ".join(told) + " |")
    print()


def main() -> None:
    """Print what is measured, how well one and two processes are told, and the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nets", nargs="+", default=list(BATCHES), choices=list(BATCHES))
    parser.add_argument("--steps", type=int, default=20)
    args = parser.parse_args()
    here = measured_link()
    print(f"here: alpha {1e6 * here.alpha:.1f} us, beta {1e9 * here.beta:.3f} ns\n")
    for name in args.nets:
        cost, one, two = measured_cost(name, args.steps if name != "resnet50" else 2)
        rows = cost.batch / 2
        told_one, told_two = 2 * cost.compute(rows) + cost.update, step(cost, 2, rows, here)
        print(
            f"### {name}, batch {cost.batch}, {cost.values:,} values\n\n"
            f"{1e3 * cost.fixed:.2f} ms + {1e3 * cost.each:.3f} ms a row, update "
            f"{1e3 * cost.update:.2f} ms, spread {100 * cost.spread:.1f} %. A step on 1 process: "
            f"{1e3 * one:.1f} ms, told {1e3 * told_one:.1f}; on 2: {1e3 * two:.1f} ms, told "
            f"{1e3 * told_two:.1f}.\n"
        )
        for way in WAYS:
            for grow in (True, False):
                print(f"{way.name}, {'each with the batch' if grow else 'one batch for all'}, %\n")
                _table(cost, way, grow=grow)


if __name__ == "__main__":
    main()
