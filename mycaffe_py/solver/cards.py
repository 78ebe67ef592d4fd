"""The run card of a solver."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mycaffe_py.data.changed import check_unchanged
from mycaffe_py.data.label_match import class_names
from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.layers.data.fed_layer import source_of
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.checksum import checksum
from mycaffe_py.snapshot.run_card import DatasetCard, RunCard, run_identity, versions
from mycaffe_py.solver.hooks.display import images_per_step
from mycaffe_py.solver.hooks.hook import Run


def make_card(solver: Run, checksums: Mapping[str, str] | None = None) -> RunCard:
    """The run card: all about this run that its files of weights and state do not hold.

    `checksums` are those of the two files.
    """
    measured = solver.test_nets[0] if solver.test_nets else solver.net
    card = RunCard(
        iteration=solver.iteration,
        seed=solver.seed,
        solver=solver.job.card,
        nets=solver.job.nets,
        datasets=tuple(dataset_cards(solver)),
        shapes={name: spec.shape for name, spec in measured.graph.blobs.items()},
        figures={"loss": solver.smoothed.value, "lr": solver.rate, "tests": last_tests(solver)},
        versions=versions(),
        film_every=solver.record.film_every,
        run=solver.record.run,
        checksums=checksums or {},
        images_per_step=images_per_step(solver),
        film_losses=tuple(solver.record.film_losses),
        best=solver.record.best,
        shards=solver.text.shards,
        processes=solver.together.ranks,
    )
    return replace(card, run=card.identity)


def other_batch(before: RunCard | None, solver: Run) -> list[str]:
    """One line if an iteration learns from more or fewer images than it did `before`, else none."""
    images, now = before.images_per_step if before is not None else 0, images_per_step(solver)
    if images in (0, now):
        return []
    return [
        f"Note: an iteration learns from {now:,} images now, and from {images:,} before: base_lr, "
        "the steps of the rate and max_iter were chosen for those."
    ]


def run_of_solver(solver: Run, weights: Sequence[str] = ()) -> str:
    """The name of the run (RunCard.identity); `weights` are checksums of those it starts from."""
    if solver.record.run:
        return solver.record.run
    job = solver.job
    datasets = tuple(dataset_cards(solver))
    return run_identity(RunCard(0, solver.seed, job.card, job.nets, datasets), weights)


def dataset_cards(solver: Run) -> list[DatasetCard]:
    """The data sets that the data layers of all nets read, each one once."""
    cards: dict[DatasetCard, None] = {}
    for net in (solver.net, *solver.test_nets):
        cards.update(dict.fromkeys(_of_net(net)))
    return list(cards)


def read_by(solver: Run, files: Sequence[Path]) -> dict[str, str]:
    """Checksums of texts, data and `files`, and versions: all that a run depends on, by name."""
    texts = (solver.job.card, *solver.job.nets.values())
    return {
        **{f"text of {t.file}": hashlib.sha256(t.text.encode()).hexdigest() for t in texts},
        **{f"content of {data.source}": data.checksum for data in dataset_cards(solver)},
        **{f"file {file}": checksum(file) for file in files if file.is_file()},
        **{f"version of {name}": told for name, told in versions().items()},
    }


def check_data(solver: Run) -> None:
    """Check the data sets. Errors: the file of one has changed since it was made."""
    for net in (solver.net, *solver.test_nets):
        for node in net.graph.nodes:
            source = source_of(node.plan.facts)
            if source is not None:
                check_unchanged(source)


def _of_net(net: Net) -> list[DatasetCard]:
    cards = []
    for node in net.graph.nodes:
        source = source_of(node.plan.facts)
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


def last_tests(solver: Run) -> list[Mapping[str, Any]]:
    """Of each test net its last test."""
    return [test for _, test in sorted(solver.record.tests.items())]


def check_same_data(card: RunCard, now: list[DatasetCard], state: Path) -> None:
    """Check that a resumed run reads the data it read before. Errors: their content is another."""
    for before, after in zip(card.datasets, now, strict=False):
        if before.checksum != after.checksum:
            raise UserError(
                f"{before.phase} data was '{before.source}' when {state} was written, "
                f"and is '{after.source}' with other content now",
                wanted="a run goes on with the data it began with",
                do="Bring the data back, or start a new run from the weights with --weights.",
            )
