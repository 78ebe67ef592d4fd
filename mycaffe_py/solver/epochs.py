"""From a number of epochs to the number of iterations that show a net its data so often."""

from __future__ import annotations

import math

from mycaffe_py.errors import UserError
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.cards import dataset_cards
from mycaffe_py.solver.hooks.display import images_per_step
from mycaffe_py.solver.texts import Job


def iterations_of(job: Job, epochs: float) -> tuple[int, str]:
    """The number of iterations that `epochs` epochs take, and a sentence that says so.

    It is ceil(epochs * items / images of an iteration); both images of a pair count. Errors: epochs
    is not above 0, or the net reads no data set whose images can be counted.
    """
    if not 0 < epochs < math.inf:
        raise UserError(f"--epochs {epochs:g}", wanted="a run has more than 0")
    solver = build_solver(job, 0)
    items = next((card.items for card in dataset_cards(solver) if card.phase == "TRAIN"), 0)
    images = images_per_step(solver)
    if not items or not images:
        raise UserError(
            f"--epochs {epochs:g}: the net reads no data set whose images are counted",
            do="Say how long to train with --iterations N.",
        )
    iterations = math.ceil(epochs * items / images)
    return iterations, (
        f"--epochs {epochs:g} is taken as --iterations {iterations}: {items:,} items, {images:,} "
        "images an iteration"
    )
