"""The limits of enrolled classes on telecom faults: known, enrolled by one window, never enrolled.

    python -m tests.benchmarks.one_shot_telecom_enrolled [--seeds 1 2 3] [--iterations 1000]
        [--draws 20] [--split testing|validation]

The nets of one_shot_telecom: nine faults left out of training in three rotations of three. Two of
the three are enrolled by one window each, in turn, drawn from their training split; the third never
is. Asked are all windows of --split. "threshold alone": every class reaches as far as the threshold
for 1 % false alarms on validation windows of the known patterns; "own limits": enrolled ones as
mycaffe_py/trained/open_space.py says.

Result (default options, in %; seeds 1, 2, 3, 20 draws):

                    | known: unknown, right | enrolled: right, unknown | never enrolled: unknown
    threshold alone |            1.2   96.5 |            55.0     21.4 |                    64.9
    own limits      |            1.2   96.5 |            61.0     15.4 |                    64.9
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np

from mycaffe_py.data.telecom.dataset import TelecomRecipe, simulate
from mycaffe_py.data.telecom.patterns import PATTERNS
from mycaffe_py.engine.threads import set_threads
from mycaffe_py.evaluate.threshold.roc import threshold_for
from mycaffe_py.trained.open_space import enrolled_limit, floor_between, hardly_nearer
from tests.benchmarks.one_shot_telecom import trained
from tests.benchmarks.one_shot_telecom_nets import TEMPLATE
from tests.benchmarks.one_shot_telecom_task import FALSE_ALARMS, SPLITS, Task, squared, tasks

_KINDS = ("threshold alone", "own limits")
_UNKNOWN = -1


def asked(task: Task, split: str, draws: int, classes) -> dict[str, list[list[float]]]:
    """By rule and draw: known called unknown, known right, enrolled right and called unknown,
    never enrolled called unknown."""
    centroids = classes.centroids.astype(np.float64)
    held_out, labels = task.of("validation", task.known)
    distances = squared(classes.embed(held_out).astype(np.float64), centroids)
    threshold = threshold_for(distances.min(axis=1), FALSE_ALARMS)
    distances[np.arange(len(labels)), np.searchsorted(task.known, labels)] = np.inf
    floor = floor_between(threshold, distances.min(axis=1))
    rows, of = classes.embed(task.images[split]).astype(np.float64), task.labels[split]
    pool, pool_of = classes.embed(task.images["training"]), task.labels["training"]
    numbers, found = np.random.default_rng(1), {kind: [] for kind in _KINDS}
    for _ in range(draws):
        examples = {k: pool[numbers.choice(np.flatnonzero(pool_of == k))] for k in task.unseen}
        for stranger in task.unseen:
            enrolled = [k for k in task.unseen if k != stranger]
            points = np.stack([examples[k] for k in enrolled])
            limits = [enrolled_limit(floor, point[None], classes.centroids) for point in points]
            far = squared(rows, np.concatenate([centroids, points.astype(np.float64)]))
            names = np.array([*task.known, *enrolled])
            for kind in _KINDS:
                own = limits if kind == "own limits" else [threshold] * len(enrolled)
                answers = named(far, names, len(task.known), threshold, np.array(own))
                found[kind].append(counted(answers, of, task, enrolled, stranger))
    return found


def named(far, names, known: int, threshold: float, limits) -> np.ndarray:
    """The answers for distances `far` (n, L) to `known` trained classes and the enrolled ones."""
    place, near = far.argmin(axis=1), far.min(axis=1)
    trained = far[:, :known].min(axis=1)
    reach = np.concatenate([np.full(known, threshold), limits])[place]
    rival = np.array([hardly_nearer(*pair) for pair in zip(near, trained, strict=True)])
    refused = (near > reach) | ((place >= known) & (near > threshold) & rival)
    return np.where(refused, _UNKNOWN, names[place])


def counted(answers, of, task: Task, enrolled: list[int], stranger: int) -> list[float]:
    """The shares that `asked` tells of."""
    known, new, strange = np.isin(of, task.known), np.isin(of, enrolled), of == stranger
    right, unknown = answers == of, answers == _UNKNOWN
    shares = unknown[known], right[known], right[new], unknown[new], unknown[strange]
    return [float(share.mean()) for share in shares]


def main() -> None:
    """Print both lines."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--iterations", type=int, default=1000)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--split", choices=SPLITS[1:], default="testing")
    args = parser.parse_args()
    set_threads(1)
    windows = {split: simulate(TelecomRecipe(PATTERNS), split) for split in SPLITS}
    found: dict[str, list[list[float]]] = {kind: [] for kind in _KINDS}
    with tempfile.TemporaryDirectory() as name:
        os.environ["MYCAFFE_DATA"] = name
        for seed in args.seeds:
            for task in tasks(windows):
                classes = trained(task, TEMPLATE, seed, args.iterations, Path(name))
                for kind, rows in asked(task, args.split, args.draws, classes).items():
                    found[kind] += rows
    print(f"{'':15} | known: unknown, right | enrolled: right, unknown | never enrolled: unknown")
    for kind, rows in found.items():
        a, b, c, d, e = 100 * np.mean(rows, axis=0)
        print(f"{kind:15} | {a:14.1f}  {b:5.1f} | {c:15.1f}  {d:7.1f} | {e:23.1f}")


if __name__ == "__main__":
    main()
