"""Does the ranking on a frozen table tell in which order the refined designs come?

    python -m tests.benchmarks.rank_vs_refined [--pictures colours] [--heads absolute ...]
        [--base-iterations N] [--rank-iterations N] [--iterations N] [--frozen N]
        [--refine-seeds 1] [--augment 1 5 10 30] [--seeds 1,2,3]

A LeNet learns digits 0-4 of MNIST. Its feature ip1 of digits 5-9 is the table on which
`mycaffe rank` compares ten heads; then each is refined together with the base by `mycaffe refine`.
With `--pictures colours` a small residual net learns ten classes of coloured shapes, and its
feature pool of ten others is the table.
Kendall's tau-b of the two orders, by accuracy, with the 95 % interval of a bootstrap over heads;
the seconds of a core that both ways took. With several seeds of refining, which choose its batches,
the mean of a head, how far it scatters, and the tau of each seed besides. And augmentation: tables
of `features --augment` N, their bytes, the seconds of a core to make them and to rank the best
three heads, their accuracy judged and on the pairs they learned from.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mycaffe_py.random_streams import stream
from tests.benchmarks import rank_vs_refined_colours as colours

_HEADS = [
    "absolute", "concatenation", "contrastive_2", "contrastive_16", "cosine", "difference",
    "margin", "mlp", "product", "triplet",
]  # fmt: skip
_TOLD_BEST = 3
_DRAWS = 2000
_BASE = "base.prototxt"


def tau(first: np.ndarray, second: np.ndarray) -> float:
    """Kendall's tau-b of two rows of marks; nan where all of one are equal."""
    upper = np.triu_indices(len(first), 1)
    a = np.sign(first[:, np.newaxis] - first)[upper]
    b = np.sign(second[:, np.newaxis] - second)[upper]
    scale = np.sqrt((a != 0).sum() * (b != 0).sum())
    return float((a * b).sum() / scale) if scale else float("nan")


def interval(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """95 % of the taus of heads drawn anew, with repetition."""
    found = []
    for draw in range(_DRAWS):
        chosen = stream(1, "tau", draw).integers(len(first), size=len(first))
        found.append(tau(first[chosen], second[chosen]))
    low, high = np.nanquantile(found, [0.025, 0.975])
    return float(low), float(high)


def _mycaffe(folder: Path, *words: str) -> float:
    """Run a command there; the seconds of a core it took, which a busy machine changes little."""
    before = _children_s()
    made = subprocess.run(
        [sys.executable, "-m", "mycaffe_py", *words],
        cwd=folder, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if made.returncode:
        raise SystemExit(f"mycaffe {' '.join(words)}:\n{made.stderr}")
    return _children_s() - before


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass(frozen=True)
class _Task:
    """Which pictures: the feature of the base, its iterations, and what makes texts and data."""

    blob: str
    base_iterations: int
    make: Callable[[Path, int], None]


def _digits(folder: Path, iterations: int) -> None:
    """Texts and data sets of LeNet for digits 0-4, and the digits 5-9."""
    for name, labels in (("LOW", "0,1,2,3,4"), ("HIGH", "5,6,7,8,9")):
        _mycaffe(folder, "dataset", "create", "subset", "MNIST", "--labels", labels, "--name", name)
    _mycaffe(folder, "template", "copy", "lenet")
    text = (folder / "lenet.prototxt").read_text()
    (folder / _BASE).write_text(text.replace("MNIST.", "LOW."))
    solver = (folder / "lenet.solver").read_text().replace("lenet.prototxt", _BASE)
    (folder / "base.solver").write_text(solver)


def _colours(folder: Path, iterations: int) -> None:
    """The same of a small residual net and coloured shapes."""
    colours.draw_folders(folder / "shapes", colours.EACH)
    size = f"{colours.SIDE}x{colours.SIDE}"
    words = ("shapes", "--name", "SHAPES", "--size", size)
    _mycaffe(folder, "dataset", "create", "images", *words)
    for name, labels in (("LOW", colours.LEARNED), ("HIGH", colours.ASKED)):
        options = ("--labels", ",".join(labels), "--name", name)
        _mycaffe(folder, "dataset", "create", "subset", "SHAPES", *options)
    (folder / _BASE).write_text(colours.base_text("LOW.training", 2 * len(colours.LEARNED)))
    (folder / "base.solver").write_text(colours.solver_text(_BASE, iterations))


_TASKS = {"digits": _Task("ip1", 2000, _digits), "colours": _Task("pool", 1000, _colours)}


def _train_base(folder: Path, iterations: int) -> None:
    _mycaffe(
        folder, "train", "--solver", "base.solver", "--seed", "1", "--iterations", str(iterations),
        "--threads", "1", "--set", "solver.snapshot_prefix=base",
    )  # fmt: skip
    (folder / f"base_iter_{iterations}.caffemodel").rename(folder / "base.caffemodel")


def _features(folder: Path, name: str, blob: str, variants: int) -> float:
    words = ["--augment", str(variants)] if variants > 1 else []
    return _mycaffe(
        folder, "features", "--model", _BASE, "--weights", "base.caffemodel", "--blob", blob,
        "--source", "HIGH.training", "--name", name, "--batch", "100", "--threads", "1",
        *words,
    )  # fmt: skip


def _ranked(
    folder: Path, table: str, heads: list[str], args: argparse.Namespace
) -> tuple[list[dict[str, Any]], float]:
    """The rows of a ranking, and its seconds."""
    words = ["--iterations", str(args.rank_iterations)] if args.rank_iterations else []
    seconds = _mycaffe(
        folder, "rank", *heads, "--features", table, "--out", table, "--seeds", args.seeds,
        "--no-baselines", *words,
    )  # fmt: skip
    rows = json.loads((folder / table / "rank.json").read_text())["designs"]
    return rows, seconds


def _refined(
    folder: Path, row: dict[str, Any], seed: int, args: argparse.Namespace
) -> tuple[float, float]:
    """The accuracy of a head after refining, and its seconds."""
    out = folder / f"refined_{row['name']}_{seed}"
    words = ["--iterations", str(args.iterations)] if args.iterations else []
    words += ["--frozen", str(args.frozen)] if args.frozen is not None else []
    seconds = _mycaffe(
        folder, "refine", "--base", _BASE, "--base-weights", "base.caffemodel",
        "--blob", _TASKS[args.pictures].blob,
        "--head", row["name"], "--head-weights", f"HIGH_1/runs/{row['weights']}",
        "--source", "HIGH.training", "--out", str(out), "--threads", "1",
        "--seed", str(seed), *words,
    )  # fmt: skip
    marks = json.loads((out / "refine.json").read_text())["marks"]
    return marks["all"]["accuracy"], seconds


def _print_orders(folder: Path, args: argparse.Namespace) -> list[str]:
    """Both orders and their tau; the heads by their rank on the table."""
    made_s = _features(folder, "HIGH_1", _TASKS[args.pictures].blob, 1)
    rows, ranked_s = _ranked(folder, "HIGH_1", args.heads, args)
    print("| head | on the table, % | on its own pairs, % | refined, % | refining, s of a core |")
    print("|---|---:|---:|---:|---:|", flush=True)
    refined, total_s = np.empty((len(rows), len(args.refine_seeds))), 0.0
    for row, marks in zip(rows, refined, strict=True):
        seconds = 0.0
        for place, seed in enumerate(args.refine_seeds):
            marks[place], one_s = _refined(folder, row, seed, args)
            seconds += one_s
        total_s += seconds
        table = f"{100 * row['accuracy_mean']:.2f} | {100 * row['learned_mean']:.2f}"
        spread = f" ± {100 * marks.std(ddof=1):.2f}" if len(marks) > 1 else ""
        print(
            f"| {row['name']} | {table} | {100 * marks.mean():.2f}{spread} | {seconds:.0f} |",
            flush=True,
        )
    before = np.array([row["accuracy_mean"] for row in rows])
    after = refined.mean(axis=1)
    low, high = interval(before, after)
    each = ", ".join(f"{tau(before, marks):.2f}" for marks in refined.T)
    whole = f"{tau(before, after):.2f} ({low:.2f} to {high:.2f})"
    print(
        f"\nKendall's tau of {len(rows)} heads: {whole}, by seed {each}. "
        f"Table {made_s:.0f} s and ranking {ranked_s:.0f} s; refining all {total_s:.0f} s\n"
    )
    return [row["name"] for row in rows]


def _print_augmented(folder: Path, best: list[str], args: argparse.Namespace) -> None:
    print("| variants | table, MB | s of a core to make | to rank | head: judged, own pairs, % |")
    print("|---:|---:|---:|---:|---|", flush=True)
    for variants in args.augment:
        table = f"AUGMENTED_{variants}"
        made_s = _features(folder, table, _TASKS[args.pictures].blob, variants)
        rows, ranked_s = _ranked(folder, table, best, args)
        files = Path(os.environ["MYCAFFE_DATA"]).rglob("*")
        stored = sum(f.stat().st_size for f in files if f.is_file() and table in str(f)) / 1e6
        heads = "; ".join(
            f"{row['name']}: {100 * row['accuracy_mean']:.2f}, {100 * row['learned_mean']:.2f}"
            for row in rows
        )
        print(
            f"| {variants} | {stored:.0f} | {made_s:.0f} | {ranked_s:.0f} | {heads} |", flush=True
        )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--heads", nargs="+", default=_HEADS)
    parser.add_argument("--pictures", choices=tuple(_TASKS), default="digits")
    parser.add_argument("--base-iterations", type=int, help="2000 for digits, 1000 for colours")
    parser.add_argument("--rank-iterations", type=int, help="else what the command does")
    parser.add_argument("--iterations", type=int, help="of refining; else what the command does")
    parser.add_argument("--frozen", type=int, help="of refining; else what the command does")
    parser.add_argument("--refine-seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--augment", type=int, nargs="*", default=[1, 5, 10, 30])
    parser.add_argument("--seeds", default="1,2,3")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["MYCAFFE_DATA"] = str(folder / "data")
        task = _TASKS[args.pictures]
        iterations = args.base_iterations or task.base_iterations
        task.make(folder, iterations)
        _train_base(folder, iterations)
        best = _print_orders(folder, args)[:_TOLD_BEST]
        _print_augmented(folder, best, args)


if __name__ == "__main__":
    main()
