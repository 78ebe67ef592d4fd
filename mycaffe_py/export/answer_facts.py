"""What a program that runs an exported net must know beside its numbers, as values for JSON."""

from __future__ import annotations

import json
import math
import shlex
from pathlib import Path
from typing import Any

from mycaffe_py.data.transform.transform import Transform
from mycaffe_py.export.answers import Answers, Known, blobs_of
from mycaffe_py.graph.model import Graph
from mycaffe_py.trained.open_space import FORMULA, RATIO


def answer_facts(known: Known, job: str) -> dict[str, Any]:
    """The names of labels, and the classes with the distances beyond which an input is of none.

    `job` is what `mycaffe export` is told to do it again: "onnx" or "deploy".
    """
    facts: dict[str, Any] = {}
    if known.label_names:
        facts["label_names"] = {str(number): name for number, name in known.label_names.items()}
    if known.answers is not None:
        facts |= _classes(known.answers)
        command = shlex.join(["mycaffe", "export", job, "--snapshot", str(known.weights)])
        facts["again"] = f"for what is enrolled or measured later: {command}"
    if known.like is not None and known.like.counters:
        facts["counters"] = json.loads(known.like.counters)
    return facts


def _classes(answers: Answers) -> dict[str, Any]:
    threshold = answers.threshold
    facts: dict[str, Any] = {
        "labels": list(answers.labels),
        "trained": list(answers.trained),
        "enrolled": list(answers.enrolled),
        "threshold": _finite(threshold.value),
        "threshold_from": threshold.origin,
    }
    if answers.enrolled:
        facts["limits"] = {
            name: _finite(limit)
            for name, limit in zip(answers.enrolled, answers.limits, strict=True)
        }
        if threshold.floor is not None:
            facts |= {"ratio": RATIO, "rule": FORMULA}
    return facts


def _finite(value: float) -> float | None:
    """`value`; None where nothing is beyond it."""
    return value if math.isfinite(value) else None


def deploy_facts(known: Known, net: Graph, encoding: str, mean: Path | None) -> dict[str, Any]:
    """The same for the file beside a deploy text, whose net is given floats.

    `net` is the deployed one, `encoding` the name of its output with encodings, `mean` the file of
    the mean image, if any.
    """
    blobs = blobs_of(net)
    distances = "" if blobs is None else blobs.distances
    facts: dict[str, Any] = {"format": 1, "encoding": encoding, "distances": distances}
    facts |= answer_facts(known, "deploy")
    answers = known.answers
    if answers is not None:
        numbers = zip(answers.trained, answers.numbers.tolist(), strict=True)
        means = zip(answers.enrolled, answers.means.tolist(), strict=True)
        facts |= {"label_numbers": dict(numbers), "enrolled_means": dict(means)}
        if not distances:
            centroids = zip(answers.trained, answers.centroids.tolist(), strict=True)
            facts["trained_means"] = dict(centroids)
    if known.like is not None and known.transform is not None:
        facts["input"] = _input(known.transform, mean)
        if known.like.pictures:
            facts["picture_record"] = json.loads(known.like.pictures)
    return facts


def _input(transform: Transform, mean: Path | None) -> dict[str, Any]:
    """What is done to an image of the data set before it enters the net."""
    settings = transform.settings
    return {
        "shape": list(transform.in_shape),
        "axes": "C x H x W",
        "channels": settings.channels,
        "order": "BGR" if settings.bgr else "RGB",
        "mean_file": None if mean is None else mean.name,
        "scale": settings.scale,
        "crop_size": settings.crop_size,
        "formula": "(pixel - mean) * scale, then the crop_size x crop_size pixels in the middle",
    }
