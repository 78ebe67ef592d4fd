"""The one-shot template learns known faults, and a new one is enrolled from one window in a CSV."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mycaffe_py.data.counters.export import export_windows, numbers_of_label
from mycaffe_py.data.source import open_source
from tests.conftest import Result

SETS = (
    "net.layer.known.data_param.source=known.training",
    "net.layer.testing.data_param.source=known.testing",
    "net.layer.mixed.python_source_param.param_str=known.training 12",
)
KNOWN = "normal,capacity,loss,server,cpu"


@pytest.mark.slow
def test_a_fault_that_training_never_saw_is_recognised(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    hours = ("--hours", "0.5")
    assert mycaffe("dataset", "create", "telecom", "--name", "known", "--patterns", KNOWN,
                   *hours).code == 0  # fmt: skip
    assert mycaffe("dataset", "create", "telecom", "--name", "new", "--patterns", "blocked",
                   "--like", "known", *hours).code == 0  # fmt: skip
    sets = [word for value in SETS for word in ("--set", value)]
    trained = mycaffe("train", "--solver", "siamese_lstm_oneshot.solver", "--seed", "1",
                      "--threads", "1", "--iterations", "150", *sets)  # fmt: skip
    assert trained.code == 0, trained.err
    new = open_source("new.testing")
    numbers = numbers_of_label(new, "blocked")[:6]
    for number in numbers:
        export_windows(new, [number], tmp_path / f"{number}.csv")
    files = [f"{number}.csv" for number in numbers]
    enrolled = mycaffe("enroll", "--label", "nothing passes", files[0])
    assert enrolled.code == 0, enrolled.err
    answers = json.loads(mycaffe("identify", *files[1:], "--json").out)
    labels = [answer["label"] for answer in answers]
    # So short a training leaves mistakes; by chance it would be one of six.
    assert labels.count("nothing passes") >= 4
    known = open_source("known.testing")
    export_windows(known, numbers_of_label(known, "normal")[:1], tmp_path / "normal.csv")
    answer = json.loads(mycaffe("identify", "normal.csv", "--json").out)[0]
    assert answer["label"] != "nothing passes"
    # One distance for each of the five known patterns and the enrolled one; no mixture has any.
    assert len(answer["distances"]) == 6
