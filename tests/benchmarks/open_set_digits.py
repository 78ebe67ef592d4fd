"""Open set on MNIST: six digits are known, the other four are foreign; the five usual splits.

    python -m tests.benchmarks.open_set_digits [--models open_set_28x28 siamese_28x28_best]
        [--splits 1 2 3 4 5] [--seeds 1] [--iterations 2000] [--choosing [N]]

A net learns 55,000 training pictures' known digits; the threshold for 1 % false alarms is that of
the known ones among the other 5,000; asked are all 10,000 testing pictures. AUROC: the chance that
a foreign digit is stranger than a known one. F1: mean over six digits and "unknown", at the
threshold. Accuracy: of known digits, by the nearest class, whatever the score.

With --choosing N the first N (1) known digits of each split are left out of training and are the
only foreign ones, and the 5,000 pictures are asked: what settings were chosen by. No testing
picture, and no digit that is foreign in the table, took part.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.source import open_source
from mycaffe_py.engine.threads import set_threads
from mycaffe_py.evaluate.test_many import test_many
from mycaffe_py.evaluate.threshold.foreign import against_foreign
from mycaffe_py.evaluate.threshold.open_set import OpenSet
from mycaffe_py.evaluate.threshold.threshold_report import ThresholdReport
from mycaffe_py.evaluate.threshold.unknown_threshold import measure
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.saving import save
from mycaffe_py.solver.texts import read_job
from mycaffe_py.trained.snapshot import Snapshot, open_snapshot
from mycaffe_py.trained.strangeness import COURSE, SCORES

_SCORES = tuple(name for name in SCORES if name != COURSE)
KNOWN = (
    (2, 4, 5, 9, 8, 3),
    (3, 2, 6, 9, 4, 0),
    (5, 8, 3, 2, 4, 6),
    (3, 7, 8, 4, 0, 5),
    (6, 3, 4, 9, 8, 2),
)
_HELD_OUT = 5000
_FALSE_ALARMS = 0.01
# The data layer of each template, and what else depends on the number of classes.
_LAYERS = {"open_set_28x28": "data", "siamese_28x28_best": "pair_data"}


def _part(name: str, source: ArraySource, rows: np.ndarray, digits: Sequence[int]) -> ArraySource:
    """The items of `digits` among `rows`, numbered from 0, named as they are."""
    kept = rows[np.isin(source.labels[rows], digits)]
    numbers = np.searchsorted(digits, source.labels[kept])
    names = {place: str(digit) for place, digit in enumerate(digits)}
    return make_source(name, source.gather(kept), numbers, names)


def write_split(number: int, choosing: int) -> tuple[ArraySource, ArraySource, ArraySource]:
    """The data set KNOWN of a split; its held-out and asked known items, and the foreign ones.

    With `choosing` above 0 the first so many known digits are the foreign ones.
    """
    training, testing = open_source("MNIST.training"), open_source("MNIST.testing")
    digits, foreign = sorted(KNOWN[number]), sorted(set(range(10)) - set(KNOWN[number]))
    if choosing:
        digits, foreign = sorted(KNOWN[number][choosing:]), sorted(KNOWN[number][:choosing])
    first = np.arange(len(training) - _HELD_OUT)
    last = np.arange(len(first), len(training))
    everything = np.arange(len(testing))
    asked = (training, last) if choosing else (testing, everything)
    splits = {
        "training": _part("KNOWN.training", training, first, digits),
        "validation": _part("KNOWN.validation", training, last, digits),
        "testing": _part("KNOWN.testing", *asked, digits),
    }
    write_dataset(dataset_path("KNOWN"), "KNOWN", splits, "known digits")
    return splits["validation"], splits["testing"], _part("FOREIGN.testing", *asked, foreign)


def trained(model: str, classes: int, seed: int, iterations: int, folder: Path) -> Snapshot:
    """The net `model` that learned KNOWN.training."""
    sets = [
        f"net.layer.{_LAYERS[model]}.data_param.source=KNOWN.training",
        f"solver.max_iter={iterations}",
    ]
    if model == "open_set_28x28":
        sets.append(f"net.layer.scores.inner_product_param.num_output={classes}")
    solver = build_solver(read_job(model, sets), seed=seed)
    for _ in range(iterations):
        solver.step()
    return open_snapshot(save(solver, folder / model).weights)


def asked(
    snapshot: Snapshot, held_out: ArraySource, testing: ArraySource, foreign: ArraySource, name: str
) -> OpenSet:
    """The figures of the score `name`."""
    ThresholdReport(measure(snapshot, held_out, _FALSE_ALARMS, score=name), snapshot).write()
    report = test_many(snapshot, testing)
    assert report is not None
    return against_foreign(report, foreign)


def main() -> None:
    """Train, ask, and print a row for each net, score and split, and one for the mean."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", nargs="+", choices=_LAYERS, default=list(_LAYERS))
    parser.add_argument("--splits", nargs="+", type=int, default=[1, 2, 3, 4, 5])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--iterations", type=int, default=2000)
    parser.add_argument(
        "--choosing", type=int, nargs="?", choices=range(1, 5), const=1, default=0
    )  # fmt: skip
    args = parser.parse_args()
    set_threads(1)
    for model in args.models:
        found: dict[str, list[OpenSet]] = {name: [] for name in _SCORES}
        for split in args.splits:
            for seed in args.seeds:
                with tempfile.TemporaryDirectory() as name:
                    os.environ["MYCAFFE_DATA"] = name
                    sources = write_split(split - 1, args.choosing)
                    classes = len(sources[0].label_names)
                    snapshot = trained(model, classes, seed, args.iterations, Path(name))
                    for score, rows in found.items():
                        rows.append(asked(snapshot, *sources, score))
                        _tell(f"{model}, {score}, split {split}, seed {seed}", rows[-1:])
        for score, rows in found.items():
            _tell(f"{model}, {score}, all", rows)


def _tell(what: str, rows: Sequence[OpenSet]) -> None:
    """A row: means, and the standard deviation over splits and seeds."""
    figures = np.array([(one.auroc, one.f1, one.accuracy) for one in rows])
    cells = [f"{value:.4f}" for value in figures.mean(axis=0)]
    if len(rows) > 1:
        spread = figures.std(axis=0, ddof=1)
        cells = [f"{cell} ± {value:.4f}" for cell, value in zip(cells, spread, strict=True)]
    known, foreign = sum(one.known for one in rows), sum(one.foreign for one in rows)
    print(f"| {what} | {known:,} / {foreign:,} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
