"""Floor 6. The run card of a solver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.changed import check_unchanged
from mycaffe_py.data.label_match import class_names
from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.layers.fed import feed_of
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.run_card import DatasetCard, RunCard, run_identity, versions
from mycaffe_py.solver.hooks.display import images_per_step
from mycaffe_py.solver.hooks.hook import Event
from mycaffe_py.solver.solver import Solver


def make_card(solver: Solver, checksums: Mapping[str, str] | None = None) -> RunCard:
    """Everything about this run that its weights and state, of these checksums, do not hold."""
    measured = solver.test_nets[0] if solver.test_nets else solver.net
    card = RunCard(
        iteration=solver.iteration,
        seed=solver.seed,
        solver=solver.job.card,
        nets=solver.job.nets,
        datasets=tuple(dataset_cards(solver)),
        shapes={name: spec.shape for name, spec in measured.graph.blobs.items()},
        figures=_figures(solver),
        versions=versions(),
        film_every=solver.film_every,
        run=solver.run,
        checksums=checksums or {},
        images_per_step=images_per_step(solver),
        film_losses=tuple(solver.film_losses),
        best=solver.best,
    )
    return replace(card, run=card.identity)


def other_batch(before: RunCard | None, solver: Solver) -> list[str]:
    """A line where an iteration learns from more or fewer images than it did `before`."""
    images, now = before.images_per_step if before is not None else 0, images_per_step(solver)
    if images in (0, now):
        return []
    return [
        f"Note: an iteration learns from {now:,} images now, and from {images:,} before: base_lr, "
        "the steps of the rate and max_iter were chosen for those."
    ]


def run_of_solver(solver: Solver, weights: Sequence[str] = ()) -> str:
    """The name of the run (RunCard.identity); `weights` are checksums of those it starts from."""
    if solver.run:
        return solver.run
    job = solver.job
    datasets = tuple(dataset_cards(solver))
    return run_identity(RunCard(0, solver.seed, job.card, job.nets, datasets), weights)


def dataset_cards(solver: Solver) -> list[DatasetCard]:
    """What the data layers of all nets read, without repetition."""
    cards: dict[DatasetCard, None] = {}
    for net in (solver.net, *solver.test_nets):
        cards.update(dict.fromkeys(_of_net(net)))
    return list(cards)


def check_data(solver: Solver) -> None:
    """Errors: the file of a data set that the nets read has changed since it was made."""
    for net in (solver.net, *solver.test_nets):
        for node in net.graph.nodes:
            source = _source(node.plan.facts)
            if source is not None:
                check_unchanged(source)


def _of_net(net: Net) -> list[DatasetCard]:
    cards = []
    for node in net.graph.nodes:
        source = _source(node.plan.facts)
        if source is not None:
            cards.append(
                DatasetCard(
                    layer=node.name,
                    phase=pb.Phase.Name(net.graph.phase),
                    source=source.name,
                    checksum=source.checksum,
                    items=len(source),
                    label_count=source.label_count,
                    stand_in_for=source.stand_in_for or "",
                    counters=source.counters,
                    label_names=class_names(source),
                    pictures=source.pictures,
                )
            )
    return cards


def _source(facts: object) -> ArraySource | None:
    """What a data layer reads, given the facts of its plan."""
    feed = feed_of(facts)
    return None if feed is None else feed.source


def _figures(solver: Solver) -> dict[str, Any]:
    """The loss of the last iteration, and of each test net its last test."""
    tests = [
        {"iteration": event.iteration, **event.figures} for _, event in sorted(solver.tests.items())
    ]
    return {"loss": solver.smoothed.value, "lr": solver.rate, "tests": tests}


def tests_of(card: RunCard) -> dict[int, Event]:
    """The tests a run card tells of."""
    found = {}
    for test in card.figures.get("tests", []):
        figures = {key: value for key, value in test.items() if key != "iteration"}
        found[int(test["net"])] = Event("test", int(test["iteration"]), figures)
    return found


def check_same_data(card: RunCard, now: list[DatasetCard], state: Path) -> None:
    """A resumed run must read what it read before, or its figures would mean nothing."""
    for before, after in zip(card.datasets, now, strict=False):
        if before.checksum != after.checksum:
            raise UserError(
                f"{before.phase} data was '{before.source}' when {state} was written, "
                f"and is '{after.source}' with other content now",
                wanted="a run goes on with the data it began with",
                do="Bring the data back, or start a new run from the weights with --weights.",
            )
