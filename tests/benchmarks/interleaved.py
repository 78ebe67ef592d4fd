"""Timing of several programs against each other on a machine that may be busy.

They run in blocks that take turns within one process; a ratio is formed in each round, so that
whatever slows the machine down for a while slows both sides.

Each side keeps the OpenMP settings its users have: PyTorch brings its own libgomp, which reads the
environment when it is loaded; ours is told by `set_threads`, which therefore is called here, behind
the import of torch. A thread that waits spins for a while before it sleeps, and would take the
core from the other side: so every block begins with a pause and a few untimed calls.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from mycaffe_py.engine.threads import set_threads
from mycaffe_py.evaluate.timing.machine import peak_gflops, this_machine

set_threads(None)

PAUSE_S = 0.03
UNTIMED = 3
Calls = Mapping[str, Callable[[], Any]]


@dataclass(frozen=True)
class Measured:
    """`block_ms` (rounds,): the median call of each round's block; `least_ms` of all calls."""

    name: str
    block_ms: np.ndarray
    least_ms: float

    @property
    def median_ms(self) -> float:
        return float(np.median(self.block_ms))

    def over(self, other: Measured) -> np.ndarray:
        """How many times as long as `other`, round by round: lower quartile, median, upper."""
        return np.quantile(self.block_ms / other.block_ms, [0.25, 0.5, 0.75])


def measure(calls: Calls, rounds: int, block: int) -> dict[str, Measured]:
    """Time all `calls`, `block` calls in a row, `rounds` times in turn; odd rounds backwards."""
    taken: dict[str, list[list[float]]] = {name: [] for name in calls}
    for number in range(rounds):
        names = list(calls)
        for name in reversed(names) if number % 2 else names:
            taken[name].append(_block(calls[name], block))
    return {
        name: Measured(name, np.median(blocks, axis=1), float(np.min(blocks)))
        for name, blocks in taken.items()
    }


def _block(call: Callable[[], Any], count: int) -> list[float]:
    """ms of `count` calls in a row."""
    time.sleep(PAUSE_S)
    for _ in range(UNTIMED):
        call()
    taken = []
    for _ in range(count):
        start = time.perf_counter()
        call()
        taken.append(1e3 * (time.perf_counter() - start))
    return taken


def use_threads(count: int) -> None:
    """Both sides on `count` threads."""
    set_threads(count)
    torch.set_num_threads(count)
    torch._dynamo.reset()


def works(name: str, call: Callable[[], Any]) -> bool:
    """Whether a variant runs here; why not is printed. Compiled ones are compiled by it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for _ in range(UNTIMED):
                call()
    except RuntimeError as error:
        print(f"({name} does not work here: {str(error).splitlines()[0]})")
        return False
    return True


def interval(ratios: np.ndarray) -> tuple[float, float]:
    """Where the median of such ratios lies at 90 %: from 2,000 draws of as many rounds."""
    draws = np.random.default_rng(0).choice(ratios, size=(2000, len(ratios)))
    low, high = np.quantile(np.median(draws, axis=1), [0.05, 0.95])
    return float(low), float(high)


def options(
    about: str,
    rounds: int,
    block: int,
    words: list[str] | None = None,
    more: argparse.ArgumentParser | None = None,
) -> argparse.Namespace:
    """The command line all comparisons have, and what `more` adds to it.

    `words` are what is left of it for this.
    """
    parser = argparse.ArgumentParser(description=about, parents=[more] if more else [])
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--block", type=int, default=block, help="timed calls in a row")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    return parser.parse_args(words)


def print_head(module: str) -> None:
    """The command, the machine, the versions, the peak on each number of threads."""
    command = " ".join(["python -m", module, *sys.argv[1:]])
    print(f"`{command}`\n")
    print(f"{this_machine()}, PyTorch {torch.__version__}, {platform.system()}.")


def print_peak(threads: int) -> None:
    """What a large matrix product reaches on so many threads, ours and PyTorch's."""
    a = torch.rand(512, 512)
    product = torch.empty(512, 512)
    best = min(_block(lambda: torch.mm(a, a, out=product), 24))
    print(
        f"\nPeak on {threads} thread{'s' * (threads > 1)}: {peak_gflops():.0f} GFLOP/s "
        f"(512 x 512 matrix product, ours), {2 * 512**3 / best / 1e6:.0f} (PyTorch's)\n"
    )


def print_table(found: Mapping[str, Measured], ours: str, unit: str, per_call: int = 0) -> None:
    """A markdown table: `unit` is what a call is; `per_call` items a call make it items/s.

    The fastest call of all says what a machine without other work would do.
    """
    items = " items/s |" if per_call else ""
    print(f"| {unit} | median ms |{items} x ours | quartiles | fastest ms | x ours |")
    print(f"|---|---:|{'---:|' if per_call else ''}---:|---:|---:|---:|")
    for name, one in found.items():
        low, middle, high = one.over(found[ours])
        items = f" {1e3 * per_call / one.median_ms:,.0f} |" if per_call else ""
        least = one.least_ms / found[ours].least_ms
        print(
            f"| {name} | {one.median_ms:.2f} |{items} {middle:.2f} | {low:.2f}-{high:.2f} "
            f"| {one.least_ms:.2f} | {least:.2f} |"
        )
    others = [one for name, one in found.items() if not name.startswith("ours")]
    best = min(others, key=lambda one: one.median_ms)
    low, middle, high = best.over(found[ours])
    print(f"\nBest: {best.name}, {middle:.2f} x ours ({low:.2f}-{high:.2f})")


def torch_matches(ours: float, theirs: float, what: str, tolerance: float = 1e-3) -> None:
    """Stop where PyTorch does not compute the same."""
    same(ours, theirs, "PyTorch", what, tolerance)


def same(ours: float, theirs: float, name: str, what: str, tolerance: float = 1e-3) -> None:
    """Stop where the two sides do not compute the same."""
    if not abs(ours - theirs) <= tolerance * max(1.0, abs(ours)):
        raise SystemExit(f"{what}: ours {ours:.6g}, {name} {theirs:.6g}: not the same net")
    print(f"Same {what} on both sides: {ours:.6f} and {theirs:.6f}.")


def print_scaling(step: Callable[[], Any], threads: list[int], rounds: int, block: int) -> None:
    """How much faster ours is on more threads."""

    def on(count: int) -> Callable[[], Any]:
        def call() -> None:
            set_threads(count)
            step()

        return call

    found = measure({str(count): on(count) for count in threads}, rounds, block)
    first = found[str(threads[0])]
    for count in threads[1:]:
        low, middle, high = first.over(found[str(count)])
        print(
            f"\nOurs on {count} threads over {threads[0]}: {middle:.2f} x ({low:.2f}-{high:.2f}), "
            f"{first.median_ms:.2f} and {found[str(count)].median_ms:.2f} ms; fastest calls "
            f"{first.least_ms / found[str(count)].least_ms:.2f} x"
        )
