"""Runs summed up: a row for each design, ranked, for people and for machines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mycaffe_py.evaluate.designs.workbench import Result


@dataclass(frozen=True)
class Row:
    """One design: means over its `runs` seeds, and the standard deviation of the accuracy (nan
    for one run); `learned_mean` is the accuracy on the pairs learned from. Of a sweep it is the
    `setting` with the best AUC of tuning pairs. `weights` is the file of the run that did best on
    them; `failed` says why runs came to nothing."""

    name: str
    baseline: bool
    accuracy_mean: float
    accuracy_sd: float
    learned_mean: float
    auc: float
    eer: float
    recall_at_1: float
    parameters: int
    seconds: float
    runs: int
    pairs: int
    queries: int
    setting: dict[str, str]
    weights: str
    failed: tuple[str, ...]


def rank(results: Sequence[Result]) -> list[Row]:
    """The rows, the best first: by accuracy, then by AUC; designs that failed come last."""
    names = dict.fromkeys(result["name"] for result in results)
    rows = [_row([result for result in results if result["name"] == name]) for name in names]
    return sorted(rows, key=lambda row: (-_low(row.accuracy_mean), -_low(row.auc), row.name))


def _low(value: float) -> float:
    return -1.0 if math.isnan(value) else value


def _row(results: Sequence[Result]) -> Row:
    settings: dict[tuple[tuple[str, str], ...], list[Result]] = {}
    for result in results:
        settings.setdefault(tuple(sorted(result["setting"].items())), []).append(result)
    chosen = max(settings.values(), key=lambda runs: _low(_mean(runs, "tune_auc")))
    good = [run for run in chosen if not run["failed"]]
    accuracies = [_number(run, "accuracy") for run in good]
    best = max(good, key=lambda run: _low(_number(run, "tune_auc")), default=chosen[0])
    return Row(
        name=chosen[0]["name"],
        baseline=chosen[0]["baseline"],
        accuracy_mean=_mean(good, "accuracy"),
        accuracy_sd=float(np.std(accuracies, ddof=1)) if len(good) > 1 else math.nan,
        learned_mean=_mean(good, "learned"),
        auc=_mean(good, "auc"),
        eer=_mean(good, "eer"),
        recall_at_1=_mean(good, "recall_at_1"),
        parameters=int(chosen[0]["parameters"]),
        seconds=_mean(chosen, "seconds"),
        runs=len(good),
        pairs=int(best.get("pairs", 0)),
        queries=int(best.get("queries", 0)),
        setting=chosen[0]["setting"],
        weights=best.get("weights", ""),
        failed=tuple(f"seed {run['seed']}: {run['failed']}" for run in chosen if run["failed"]),
    )


def _number(run: Result, name: str) -> float:
    value = run.get(name)
    return math.nan if value is None else float(value)


def _mean(runs: Sequence[Result], name: str) -> float:
    values = [_number(run, name) for run in runs]
    return float(np.mean(values)) if values else math.nan


def table_lines(rows: Sequence[Row]) -> list[str]:
    """The table for people, a baseline marked with a star."""
    width = max([len(_label(row)) for row in rows] + [len("design")])
    head = f"{'':>4}  {'design':{width}}  {'accuracy, %':>13}  {'learned, %':>10}  {'AUC':>6}"
    told = [f"{head}  {'EER, %':>6}  {'recall@1, %':>11}  {'parameters':>10}  {'seconds':>7}"]
    for place, row in enumerate(rows, start=1):
        sd = "" if math.isnan(row.accuracy_sd) else f" ± {100 * row.accuracy_sd:4.2f}"
        # Runs of before were not asked.
        learned = "" if math.isnan(row.learned_mean) else f"{100 * row.learned_mean:.2f}"
        told.append(
            f"{place:>4}  {_label(row):{width}}  {f'{100 * row.accuracy_mean:.2f}{sd}':>13}  "
            f"{learned:>10}  {row.auc:6.4f}  {100 * row.eer:6.2f}  {100 * row.recall_at_1:11.1f}  "
            f"{row.parameters:10,}  {row.seconds:7.1f}"
        )
    told += [f"{row.name}: {reason}" for row in rows for reason in row.failed]
    return told


def _label(row: Row) -> str:
    setting = ", ".join(f"{field} {value}" for field, value in row.setting.items())
    return f"{row.name}{' *' if row.baseline else ''}{f' ({setting})' if setting else ''}"


def table_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows for machines, `rank` from 1."""
    return [{"rank": place, **vars(row)} for place, row in enumerate(rows, start=1)]
