"""The items of a report of test-many against foreign ones: known or unknown?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.evaluate.test_many import BATCH, Report
from mycaffe_py.evaluate.threshold.open_set import OpenSet, open_set
from mycaffe_py.trained.class_map import ClassMap
from mycaffe_py.trained.encodings import batches
from mycaffe_py.trained.identify import strangeness_of
from mycaffe_py.trained.kept_threshold import read
from mycaffe_py.trained.measured_source import foreign_items
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.strangeness import DISTANCE, Strangeness


def against_foreign(report: Report, unknown: ArraySource) -> OpenSet:
    """The figures with the items of `unknown` of classes that the net of `report` has not learned.

    Threshold and score are those kept beside the snapshot. Errors: no such item.
    """
    snapshot, source = report.snapshot, report.source
    threshold = read(snapshot)
    foreign = foreign_items(snapshot, unknown, report.labels, source.label_names)
    net = RunNet(snapshot, source, min(BATCH, len(foreign)))
    everything = np.arange(len(foreign))
    parts = batches(foreign, everything, net.batch)
    rows = np.concatenate([net.distances(part)[:, report.labels] for part in parts])
    near, strange, limit = report.distances.min(axis=1), rows.min(axis=1), threshold.value
    if threshold.score != DISTANCE:
        score = strangeness_of(threshold, snapshot, ClassMap(snapshot, source, BATCH))
        near = _scores(score, source, report.records)
        strange = _scores(score, foreign, everything)
        limit = threshold.score_limit
    return open_set(
        near.astype(np.float64),
        report.answers,
        source.labels[report.records],
        strange.astype(np.float64),
        report.labels[rows.argmin(axis=1)],
        limit,
    )


def _scores(
    score: Strangeness, source: ArraySource, records: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(n,): the smallest score of a class for each of the items `records` (n,) of `source`."""
    parts = batches(source, records, BATCH)
    return np.concatenate([score.of_images(part).min(axis=1) for part in parts])
