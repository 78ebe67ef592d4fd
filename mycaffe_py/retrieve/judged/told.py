"""A measured retrieval in lines for people, and as JSON."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from mycaffe_py.data.label_match import listed
from mycaffe_py.data.plural import plural
from mycaffe_py.figures import distance_text, percent_text
from mycaffe_py.printable import one_line
from mycaffe_py.retrieve.judged.measured import Judged, Retrieval
from mycaffe_py.retrieve.ranking import MARK_NAMES
from mycaffe_py.retrieve.verification import AtFar, Estimate, Verification


def retrieval_json(found: Retrieval) -> dict[str, Any]:
    """For machines; what was not measurable is NaN, which files/plain_json.py writes as null."""
    asked = found.asked
    return {
        "snapshot": str(found.snapshot.files.weights),
        "queries": asked.queries.name,
        "gallery": asked.among.name,
        "among_themselves": asked.gallery is None,
        "stand_in": bool(asked.queries.stand_in_for or asked.among.stand_in_for),
        "metric": found.metric,
        "n": found.net.marks.n,
        "left_out": found.net.marks.left_out,
        "candidates": found.ranking.candidates,
        "classes": found.net.marks.classes,
        "unlearned": None if found.unlearned is None else list(found.unlearned),
        **_judged_json(found.net),
        "baselines": {name: _judged_json(one) for name, one in found.others.items()},
        "verification": verification_json(found.verification),
    }


def _judged_json(one: Judged) -> dict[str, Any]:
    marks = {
        mark.name: {
            "micro": mark.micro,
            "interval": [mark.low, mark.high],
            "macro": mark.macro,
            "chance": mark.chance,
        }
        for mark in one.marks.marks
    }
    return {"marks": marks, "clusters": asdict(one.agreement)}


def verification_json(found: Verification) -> dict[str, Any]:
    """For machines, too."""
    return {
        "like_pairs": found.like_n,
        "unlike_pairs": found.unlike_n,
        "sampled": found.sampled,
        "items": found.items,
        "auc": _estimate_json(found.auc),
        "eer": _estimate_json(found.eer),
        "tar_at_far": [
            {
                "far": at.far,
                "tar": _estimate_json(at.tar),
                "threshold": at.threshold,
                "far_reached": at.reached,
            }
            for at in found.at
        ],
    }


def _estimate_json(one: Estimate) -> dict[str, Any]:
    return {"value": one.value, "interval": [one.low, one.high]}


def retrieval_lines(found: Retrieval) -> list[str]:
    """For people."""
    told = [str(found.snapshot.files.weights), *_asked_lines(found), ""]
    told += [*_mark_table(found), ""]
    told += [f"Not in the table: {why}." for why in found.left_out]
    told += [*_cluster_lines(found), "", *verification_lines(found.verification)]
    return told


def _asked_lines(found: Retrieval) -> list[str]:
    asked, marks = found.asked, found.net.marks
    word = _queries(len(asked.records))
    drawn = ", drawn by chance" if len(asked.records) < len(asked.queries) else ""
    of = "other ones" if asked.gallery is None else f"{asked.among.word}s of {asked.among.name}"
    lines = [
        f"{len(asked.records):,} {word} of {asked.queries.name}{drawn}, each against "
        f"{found.ranking.candidates:,} {of}, {marks.classes:,} {plural(marks.classes, 'class')}"
    ]
    for source in {asked.queries.name: asked.queries, asked.among.name: asked.among}.values():
        if source.stand_in_for:
            lines.append(
                f"STAND-IN DATA: {source.name} takes the place of {source.stand_in_for}, "
                "which could not be had."
            )
    if found.unlearned:
        count = len(found.unlearned)
        names = listed([one_line(name) for name in found.unlearned])
        lines.append(f"Of {count:,} {plural(count, 'class')} the net has learned nothing: {names}.")
    if marks.left_out:
        lines.append(
            f"{marks.left_out:,} {_queries(marks.left_out)} left out: there is "
            "no other item of their class to find."
        )
    return lines


def _mark_table(found: Retrieval) -> list[str]:
    """A line for each mark: the net with interval and macro mean, the others, chance."""
    heads = ["mark", "net", "95 % interval", "macro", *found.others, "chance"]
    rows = [heads]
    for name in MARK_NAMES:
        mark = found.net.marks[name]
        others = [_percent(one.marks[name].micro) for one in found.others.values()]
        rows.append(
            [name, _percent(mark.micro), _interval(mark.low, mark.high), _percent(mark.macro),
             *others, _percent(mark.chance)]
        )  # fmt: skip
    for name, attribute in (("NMI", "nmi"), ("AMI", "ami")):
        own = _percent(getattr(found.net.agreement, attribute))
        others = [_percent(getattr(one.agreement, attribute)) for one in found.others.values()]
        chance = _percent(0.0) if name == "AMI" else ""
        rows.append([name, own, "", "", *others, chance])
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    return [
        "  ".join(
            [row[0].ljust(widths[0])]
            + [text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True)]
        ).rstrip()
        for row in rows
    ]


def _cluster_lines(found: Retrieval) -> list[str]:
    k = found.net.agreement.k
    return [
        "In %, means over the queries (micro); macro: the mean of the means of the classes.",
        f"NMI, AMI: how far {k:,} k-means {plural(k, 'cluster')} of the queries are their classes.",
    ]


def verification_lines(found: Verification) -> list[str]:
    """How well a distance tells whether two items are of one class."""
    pairs = f"{found.like_n:,} like and {found.unlike_n:,} unlike pairs"
    some = f" of {found.items:,} items, drawn by chance" if found.sampled else ""
    if math.isnan(found.auc.value):
        return [f"Verification is not measured: there are {pairs}."]
    return [
        f"Are two items of one class? Judged on {pairs}{some}:",
        f"  area under the curve (AUC) {found.auc.value:.4f} "
        f"(95 % interval {found.auc.low:.4f}-{found.auc.high:.4f})",
        f"  equal error rate (EER) {_estimate(found.eer)}",
        *(f"  {at_far_line(at)}" for at in found.at),
    ]


def at_far_line(at: AtFar) -> str:
    """What is accepted at a false accept rate."""
    head = f"TAR at FAR {100 * at.far:g} %: {_estimate(at.tar)}"
    if math.isnan(at.threshold):
        return f"{head}; even the nearest like pair would let in too many unlike ones"
    return f"{head}, at distances up to {distance_text(at.threshold)}"


def _queries(count: int) -> str:
    return "query" if count == 1 else "queries"


def _estimate(one: Estimate) -> str:
    interval = "" if math.isnan(one.low) else f" (95 % interval {_interval(one.low, one.high)} %)"
    return f"{percent_text(one.value)}{interval}"


def _percent(share: float) -> str:
    return "" if math.isnan(share) else f"{100 * share:.2f}"


def _interval(low: float, high: float) -> str:
    return "" if math.isnan(low) else f"{100 * low:.2f}-{100 * high:.2f}"
