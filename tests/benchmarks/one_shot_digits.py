"""One shot on digits: a class that training never saw, enrolled by one picture.

    python -m tests.benchmarks.one_shot_digits [--model siamese_28x28_best] [--iterations 2000]
        [--unseen 9] [--draws 20] [--examples 1] [--seed 1]

Trains on MNIST (or digits28 where it cannot be had) without the digit --unseen, enrolls pictures of
it drawn from the training split, and asks for every picture of the testing split: a 10-way
decision. Also: how many of the never trained digit are caught before it is enrolled, at 1 % false
alarms on the known ones.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.source import open_source
from mycaffe_py.evaluate.threshold.unknown_threshold import measure
from mycaffe_py.random_streams import stream
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.saving import save
from mycaffe_py.solver.texts import read_job
from mycaffe_py.trained.class_map import ClassMap
from mycaffe_py.trained.enrollment import Enrollments, Example
from mycaffe_py.trained.snapshot import Snapshot, open_snapshot

_DATASET = "SEEN"


def _without(source: ArraySource, digit: int, split: str) -> ArraySource:
    """The items of the other digits; labels above `digit` move down by one, names stay."""
    kept = np.flatnonzero(source.labels != digit)
    labels = source.labels[kept]
    names = {label - (label > digit): str(label) for label in range(10) if label != digit}
    return make_source(f"{_DATASET}.{split}", source.gather(kept), labels - (labels > digit), names)


def _trained(args: argparse.Namespace, folder: Path) -> Path:
    job = read_job(
        args.model,
        [
            f"net.layer.pair_data.data_param.source={_DATASET}.training",
            f"solver.max_iter={args.iterations}",
        ],
    )
    solver = build_solver(job, seed=args.seed)
    for _ in range(args.iterations):
        solver.step()
    return save(solver, folder / "one_shot").weights


def _draw(
    classes: ClassMap, pool: np.ndarray, testing: ArraySource, known: np.ndarray, unseen: int
) -> tuple[float, float, float]:
    """Accuracy over all items, on the unseen digit, and on the others."""
    rows = classes.embed(pool)
    examples = [Example(str(i), str(i), row) for i, row in enumerate(rows)]
    enrollments, _ = Enrollments("", "").with_examples("unseen", examples)
    own = classes.enrolled_distances(testing.images, enrollments)
    answers = np.concatenate([known, own], axis=1).argmin(axis=1)
    truth = np.where(
        testing.labels == unseen, known.shape[1], testing.labels - (testing.labels > unseen)
    )
    right = answers == truth
    new = testing.labels == unseen
    return float(right.mean()), float(right[new].mean()), float(right[~new].mean())


def main() -> None:
    """Train, enroll, ask, report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default="siamese_28x28_best")
    parser.add_argument("--iterations", type=int, default=2000)
    parser.add_argument("--unseen", type=int, default=9)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--examples", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    training = open_source("MNIST.training", "digits28.training")
    testing = open_source("MNIST.testing", "digits28.testing")
    with tempfile.TemporaryDirectory() as name:
        os.environ["MYCAFFE_DATA"] = name
        splits = {
            "training": _without(training, args.unseen, "training"),
            "testing": _without(testing, args.unseen, "testing"),
        }
        write_dataset(dataset_path(_DATASET), _DATASET, splits, "without one digit")
        snapshot = open_snapshot(_trained(args, Path(name)))
        _report(args, snapshot, training, testing)


def _report(
    args: argparse.Namespace, snapshot: Snapshot, training: ArraySource, testing: ArraySource
) -> None:
    found = measure(snapshot, testing, 0.01)
    classes = ClassMap(snapshot, testing, 256)
    known = classes.trained_distances(testing.images)
    pool = np.flatnonzero(training.labels == args.unseen)
    draws = [
        _draw(
            classes,
            training.gather(stream(args.seed, "draw", draw).permutation(pool)[: args.examples]),
            testing,
            known,
            args.unseen,
        )
        for draw in range(args.draws)
    ]
    mean, spread = 100 * np.mean(draws, axis=0), 100 * np.std(draws, axis=0, ddof=1)
    print(
        f"{args.model}, {args.iterations} iterations, seed {args.seed}, without {args.unseen}; "
        f"{args.examples} example(s), {args.draws} draws, {len(testing):,} items of {testing.name}"
    )
    for place, what in enumerate(("all items, 10-way", f"the {args.unseen}s", "the other digits")):
        print(
            f"  {what:18} {mean[place]:6.2f} % right, +- {spread[place]:.2f} (standard deviation)"
        )
    print(
        f"  unknown: {100 * found.strangers.rate:.2f} % of {found.strangers.n} never enrolled "
        f"{args.unseen}s caught at {100 * found.called_unknown.rate:.2f} % false alarms "
        f"(left-out classes: {100 * found.caught.rate:.2f} %)"
    )


if __name__ == "__main__":
    main()
