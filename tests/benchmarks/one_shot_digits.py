"""One shot on digits: a class that training never saw, enrolled by one picture.

    python -m tests.benchmarks.one_shot_digits [--models siamese_28x28_best ...]
        [--unseen 0 1 2 3 4 5 6 7 8 9] [--seeds 1] [--iterations 2000] [--draws 20] [--examples 1]

Trains on MNIST (or digits28 where it cannot be had) without one digit, enrolls pictures of it drawn
from the training split, and asks for every picture of the testing split: a 10-way decision. Each
digit is left out in turn. Also: how many of the digit are called unknown before it is enrolled, at
the distance for 1 % false alarms on the known ones.
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
from mycaffe_py.evaluate.threshold.unknown_threshold import measure
from mycaffe_py.random_streams import stream
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.saving import save
from mycaffe_py.solver.texts import read_job
from mycaffe_py.trained.class_map import ClassMap
from mycaffe_py.trained.enrollment import Enrollments, Example
from mycaffe_py.trained.snapshot import open_snapshot

_DATASET = "SEEN"
_FALSE_ALARMS = 0.01
# The data layer of each template, and what else depends on the number of classes.
_MODELS = {
    "siamese_28x28_best": ("pair_data", ()),
    "siamese_28x28_normalised": ("pair_data", ()),
    "siamese_28x28_prototypical": ("training", ("labels_per_batch=9", "batch_size=117")),
}


def _without(source: ArraySource, digit: int, split: str) -> ArraySource:
    """The items of the other digits; labels above `digit` move down by one, names stay."""
    kept = np.flatnonzero(source.labels != digit)
    labels = source.labels[kept]
    names = {label - (label > digit): str(label) for label in range(10) if label != digit}
    return make_source(f"{_DATASET}.{split}", source.gather(kept), labels - (labels > digit), names)


def _trained(model: str, iterations: int, seed: int, folder: Path) -> Path:
    layer, more = _MODELS[model]
    source = f"net.layer.{layer}.data_param.source={_DATASET}.training"
    sets = [source, f"solver.max_iter={iterations}"]
    sets += [f"net.layer.{layer}.data_param.{field}" for field in more]
    solver = build_solver(read_job(model, sets), seed=seed)
    for _ in range(iterations):
        solver.step()
    return save(solver, folder / model).weights


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


def _asked(
    model: str,
    unseen: int,
    seed: int,
    sources: tuple[ArraySource, ArraySource],
    args: argparse.Namespace,
) -> tuple[float, float, float, float, float]:
    """Percent: right of all items, of the unseen digit, of the others; caught; false alarms."""
    training, testing = sources
    with tempfile.TemporaryDirectory() as name:
        os.environ["MYCAFFE_DATA"] = name
        splits = {
            "training": _without(training, unseen, "training"),
            "testing": _without(testing, unseen, "testing"),
        }
        write_dataset(dataset_path(_DATASET), _DATASET, splits, "without one digit")
        snapshot = open_snapshot(_trained(model, args.iterations, seed, Path(name)))
        found = measure(snapshot, testing, _FALSE_ALARMS)
        classes = ClassMap(snapshot, testing, 256)
        known = classes.trained_distances(testing.images)
    pool = np.flatnonzero(training.labels == unseen)
    draws = []
    for draw in range(args.draws):
        records = stream(seed, "draw", draw).permutation(pool)[: args.examples]
        draws.append(_draw(classes, training.gather(records), testing, known, unseen))
    every, own, others = 100 * np.mean(draws, axis=0)
    return every, own, others, 100 * found.strangers.rate, 100 * found.called_unknown.rate


def main() -> None:
    """Train, enroll, ask, and print a row for each digit and one for the mean."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", nargs="+", choices=_MODELS, default=list(_MODELS))
    parser.add_argument("--unseen", type=int, nargs="+", default=list(range(10)))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--iterations", type=int, default=2000)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--examples", type=int, default=1)
    args = parser.parse_args()
    set_threads(1)
    sources = (
        open_source("MNIST.training", "digits28.training"),
        open_source("MNIST.testing", "digits28.testing"),
    )
    print("| left out | all items, 10-way | that digit | the others | caught | false alarms |")
    print("|---|---:|---:|---:|---:|---:|", flush=True)
    for model in args.models:
        rows = []
        for seed in args.seeds:
            for unseen in args.unseen:
                rows.append(_asked(model, unseen, seed, sources, args))
                _tell(f"{model}, {unseen}, seed {seed}", rows[-1:])
        _tell(f"{model}, all", rows)


def _tell(what: str, rows: Sequence[tuple[float, ...]]) -> None:
    """A row: means, and the standard deviation over digits and seeds."""
    cells = [f"{value:.2f}" for value in np.mean(rows, axis=0)]
    if len(rows) > 1:
        spread = np.std(rows, axis=0, ddof=1)
        cells = [f"{cell} ± {value:.2f}" for cell, value in zip(cells, spread, strict=True)]
    print(f"| {what} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
