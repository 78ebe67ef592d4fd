"""The picture of a finished run, made from its snapshot alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.evaluate.pictures.curves import read_curves
from mycaffe_py.evaluate.pictures.projection import to_plane
from mycaffe_py.evaluate.pictures.run_picture import Embedding, check_plotting, draw
from mycaffe_py.snapshot.names import PICTURE, events_path
from mycaffe_py.trained.learned_labels import label_names
from mycaffe_py.trained.measured_source import as_learned
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.snapshot import open_snapshot, open_testing

_BATCH = 256
# More dots hide one another.
_MOST_ITEMS = 10_000


def draw_run(weights: Path, run_code: bool = False) -> list[Path]:
    """Write `<prefix>_iter_<n>.png` beside the snapshot `weights` and return it.

    Curves of loss and accuracy; for nets with a Decode layer also the test items around their
    centroids. Raises MyCaffeError where matplotlib is missing.
    """
    check_plotting()
    snapshot = open_snapshot(weights, run_code=run_code)
    files = snapshot.files
    curves = read_curves(events_path(files.prefix), snapshot.card.iteration, snapshot.card.identity)
    source = open_testing(snapshot)
    if snapshot.card.datasets:
        source = as_learned(snapshot, source, label_names(snapshot))
    net = RunNet(snapshot, source, min(_BATCH, len(source)))
    embedding = _embedding(net, source) if net.by_distance else None
    title = f"{files.prefix.name}, iteration {snapshot.card.iteration:,}"
    if source.stand_in_for:
        title += f"   STAND-IN DATA: {source.name} instead of {source.stand_in_for}"
    return [draw(files.with_ending(PICTURE), title, curves, embedding)]


def _embedding(net: RunNet, source: ArraySource) -> Embedding:
    records = np.arange(min(len(source), _MOST_ITEMS))
    starts = range(0, len(records), net.batch)
    parts = [net.features(source.gather(records[s : s + net.batch])) for s in starts]
    centroids, counts = net.centroids()
    learned = np.flatnonzero(counts > 0)
    plane = to_plane(np.concatenate(parts), centroids[learned])
    return Embedding(
        plane=plane,
        labels=source.labels[records],
        centroid_labels=learned,
        names=source.label_names,
        title=f"{len(records):,} items of {source.name}; in bold the centroids",
    )
