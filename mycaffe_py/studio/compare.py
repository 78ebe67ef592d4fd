"""Runs beside each other: their texts, their answers by label, the bits of their weights."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from difflib import SequenceMatcher
from typing import Any

import numpy as np

from mycaffe_py.errors import MyCaffeError
from mycaffe_py.evaluate.answers import Answers, all_answers
from mycaffe_py.evaluate.film.colours import shown_classes
from mycaffe_py.snapshot.checksum import checksum
from mycaffe_py.snapshot.names import ANSWERS, runs_folder
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.studio.runs import Run, all_runs, told
from mycaffe_py.studio.workspace import Workspace

# A line that says which layer the lines below it belong to.
_NAME = re.compile(r'\s*name: "(.*)"')


def runs_and_earlier(workspace: Workspace) -> list[Run]:
    """Every run below the folder, each followed by the earlier ones of its prefix."""
    found = []
    for run in all_runs(workspace):
        found.append(run)
        folder = runs_folder(run.prefix)
        numbers = [int(path.name) for path in folder.glob("*") if path.name.isdecimal()]
        for number in sorted(numbers, reverse=True):
            prefix = folder / str(number) / run.prefix.name
            found.append(Run(workspace.name(prefix), prefix))
    return found


def compared(runs: Sequence[Run]) -> dict[str, Any]:
    """All that is told of `runs` beside each other; texts are those of the first and each other."""
    looks = shown_classes([run.name for run in runs])
    cards = [_card(run) for run in runs]
    return {
        "runs": [
            {**told(run), "colour": look.colour} for run, look in zip(runs, looks, strict=True)
        ],
        "texts": [
            {"run": run.name, "texts": differing_texts(cards[0], card)}
            for run, card in zip(runs[1:], cards[1:], strict=True)
        ],
        "labels": _labels(runs, cards),
        "weights": same_weights(runs),
    }


def differing_texts(old: RunCard | None, new: RunCard | None) -> list[dict[str, Any]]:
    """The solver and each net with the lines that differ; those without a card have no text."""
    if old is None or new is None:
        return []
    pairs = [("solver", old.solver.text, new.solver.text)]
    nets = zip(old.nets.values(), new.nets.values(), strict=False)
    pairs += [(f"net {number}" if number else "net", a.text, b.text)
              for number, (a, b) in enumerate(nets)]  # fmt: skip
    return [{"name": name, "parts": differing_lines(a, b)} for name, a, b in pairs]


def differing_lines(old: str, new: str) -> list[dict[str, Any]]:
    """The parts in which two texts differ: which layer they are in, what went, what came."""
    lines, others = old.splitlines(), new.splitlines()
    parts = []
    for kind, i, k, j, m in SequenceMatcher(None, lines, others, autojunk=False).get_opcodes():
        if kind != "equal":
            names = [found[1] for line in lines[:k] if (found := _NAME.match(line))]
            parts.append(
                {
                    "layer": names[-1] if names else "", "line": i + 1,
                    "old": lines[i:k], "new": others[j:m],
                }
            )  # fmt: skip
    return parts


def same_weights(runs: Sequence[Run]) -> dict[str, Any]:
    """The newest iteration of which all `runs` have weights, and the sha256 of each."""
    files = [{one.iteration: one for one in run.snapshots()} for run in runs]
    common = set[int].intersection(*(set(one) for one in files)) if files else set()
    for iteration in sorted(common, reverse=True):
        found = [one[iteration].weights for one in files]
        if all(path.is_file() for path in found):
            sums = [checksum(path) for path in found]
            return {"iteration": iteration, "sha256": sums, "same": len(set(sums)) == 1}
    return {"iteration": None, "sha256": [], "same": False}


def _card(run: Run) -> RunCard | None:
    with suppress(MyCaffeError, OSError):
        return RunCard.read(run.newest().card)
    return None


def _labels(runs: Sequence[Run], cards: Sequence[RunCard | None]) -> list[dict[str, Any]]:
    """For each source that a run was tested on: how many of each label it got right."""
    kept = [{one.source: one for one in _answers(run)} for run in runs]
    names: dict[int, str] = {}
    for card in cards:
        for dataset in card.datasets if card else ():
            names |= dataset.label_names
    return [
        {"source": source, **_by_label([one.get(source) for one in kept], names)}
        for source in dict.fromkeys(source for one in kept for source in one)
    ]


def _answers(run: Run) -> list[Answers]:
    """Those kept beside the newest snapshot that was tested."""
    for files in run.snapshots():
        if files.with_ending(ANSWERS).is_file():
            with suppress(MyCaffeError):
                return all_answers(files)
    return []


def _by_label(kept: Sequence[Answers | None], names: Mapping[int, str]) -> dict[str, Any]:
    labels = np.unique(np.concatenate([one.labels for one in kept if one is not None]))
    rows = []
    for label in labels.tolist():
        counts = [None if one is None else _count(one, one.labels == label) for one in kept]
        rows.append({"label": label, "name": names.get(label, str(label)), "counts": counts})
    whole = [None if one is None else _count(one, np.ones(len(one.labels), bool)) for one in kept]
    return {"rows": rows, "all": whole}


def _count(one: Answers, chosen: Any) -> dict[str, int]:
    right = one.answers[chosen] == one.labels[chosen]
    return {"right": int(right.sum()), "n": len(right)}
