"""The naming behind a net decides as KnownClasses does, for trained and enrolled classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from mycaffe_py.export.answers import AnswerBlobs, Answers
from mycaffe_py.export.onnx.naming import with_naming
from mycaffe_py.export.onnx.onnx_file import write_onnx
from mycaffe_py.export.onnx.onnx_net import OnnxNet, Op, Port
from mycaffe_py.trained.kept_threshold import KeptThreshold
from mycaffe_py.trained.open_space import hardly_nearer
from tests.export.opened import Array

TRAINED, ENROLLED = ("a", "b"), ("b", "new", "other")


def _session(answers: Answers, path: Path) -> onnxruntime.InferenceSession:
    """A net that passes its input (N, 3) on as `feat`, and names it."""
    net = OnnxNet(
        "passing",
        (Op("Identity", "pass", ("data",), ("feat",), {}),),
        {},
        (Port("data", ("N", 3)),),
        (Port("feat", ("N", 3)),),
    )
    write_onnx(path, with_naming(net, answers, AnswerBlobs("feat", "feat", "")))
    return onnxruntime.InferenceSession(path)


def _answers(floor: float | None, threshold: float, enrolled: tuple[str, ...]) -> Answers:
    random = np.random.default_rng(3)
    return Answers(
        TRAINED,
        np.arange(2),
        random.normal(size=(2, 3)).astype(np.float32),
        enrolled,
        random.normal(size=(len(enrolled), 3)).astype(np.float32),
        (1.0, 0.6, 2.0)[: len(enrolled)],
        KeptThreshold(threshold, "", floor),
    )


def _said(answers: Answers, row: Array) -> str:
    """The rule of trained/identify.py in plain words."""
    learned = dict(zip(TRAINED, ((answers.centroids - row) ** 2).sum(axis=1), strict=True))
    added = dict(zip(answers.enrolled, ((answers.means - row) ** 2).sum(axis=1), strict=True))
    both = {
        name: min(learned.get(name, np.inf), added.get(name, np.inf)) for name in answers.labels
    }
    name = min(both, key=lambda name: both[name])
    threshold = answers.threshold
    if name in learned and not added.get(name, np.inf) < learned[name]:
        return name if both[name] <= threshold.value else "unknown"
    limit = dict(zip(answers.enrolled, answers.limits, strict=True))[name]
    if both[name] > limit:
        return "unknown"
    others = [distance for other, distance in learned.items() if other != name]
    if threshold.floor is not None and both[name] > threshold.value and others:
        return "unknown" if hardly_nearer(both[name], min(others)) else name
    return name


@pytest.mark.parametrize("floor", [None, 0.5])
@pytest.mark.parametrize("threshold", [0.3, 1.5, np.inf])
@pytest.mark.parametrize("enrolled", [(), ENROLLED])
def test_classes_are_named_by_the_same_rule(
    floor: float | None, threshold: float, enrolled: tuple[str, ...], tmp_path: Path
) -> None:
    answers = _answers(floor, threshold, enrolled)
    session = _session(answers, tmp_path / "it.onnx")
    rows = np.random.default_rng(1).normal(size=(500, 3)).astype(np.float32)
    label, unknown = session.run(["label", "unknown"], {"data": rows})
    found = [
        "unknown" if nobody else answers.labels[place]
        for place, nobody in zip(label, unknown, strict=True)
    ]
    assert found == [_said(answers, row) for row in rows]
    assert ("unknown" in found) == np.isfinite(threshold) or bool(enrolled)


def test_what_is_no_number_is_unknown(tmp_path: Path) -> None:
    session = _session(_answers(None, np.inf, ()), tmp_path / "it.onnx")
    rows = np.full((1, 3), np.nan, np.float32)
    assert session.run(["unknown"], {"data": rows})[0].tolist() == [True]


def test_an_item_at_the_threshold_itself_is_known(tmp_path: Path) -> None:
    answers = _answers(None, 0.3, ())
    row = answers.centroids[:1] + np.float32([[np.sqrt(0.3 * (1 + 1e-6)), 0, 0]])
    session = _session(answers, tmp_path / "it.onnx")
    assert session.run(["unknown"], {"data": row})[0].tolist() == [False]
