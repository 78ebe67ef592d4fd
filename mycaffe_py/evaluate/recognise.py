"""Floor 7. Single pictures through the RUN net of a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mycaffe_py.data import builtin
from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.place import dataset_path, split_source_name
from mycaffe_py.data.source import open_source
from mycaffe_py.evaluate.drawn import read_picture
from mycaffe_py.evaluate.read_each import Unread, read_each
from mycaffe_py.evaluate.run_net import RunNet
from mycaffe_py.evaluate.snapshot import Snapshot, open_testing


@dataclass(frozen=True)
class Recognised:
    """What one picture was taken for: (label name, value) from the best to the worst.

    `measure` says what the values are: squared "distance", smallest first, or "score", largest
    first. `done` tells what had to be done to the picture.
    """

    path: Path
    measure: str
    ranking: tuple[tuple[str, float], ...]
    done: tuple[str, ...]


def recognise(snapshot: Snapshot, paths: Sequence[Path]) -> list[Recognised | Unread]:
    """Ask the RUN net for every picture, but those that cannot be read.

    Errors: a net that takes no pictures.
    """
    like = pictures_like(snapshot)
    net = RunNet(snapshot, like, 1)
    names = label_names(snapshot)
    found: list[Recognised | Unread] = []
    for path, drawn in read_each(paths, lambda path: read_picture(path, like.shape)):
        if isinstance(drawn, Unread):
            found.append(drawn)
            continue
        distances = net.distances(drawn.pixels[np.newaxis])[0]
        measure, sign = ("distance", 1.0) if net.kind == "Decode" else ("score", -1.0)
        order = np.argsort(distances, kind="stable").tolist()
        ranking = tuple((names.get(i, str(i)), sign * float(distances[i])) for i in order)
        found.append(Recognised(path, measure, ranking, drawn.done))
    return found


def pictures_like(snapshot: Snapshot) -> ArraySource:
    """A source whose pictures have the size the net's transform expects.

    Only a crop, or another number of channels, makes that differ from the net's input; then the
    data set has to be there.
    """
    layer = snapshot.transform()
    wanted = layer.transform_param
    if wanted.crop_size or wanted.force_gray or wanted.force_color:
        return open_testing(snapshot)
    shape = snapshot.shapes[layer.top[0]][1:] if layer.top else ()
    per_blob = max(1, layer.data_param.images_per_blob)
    picture = np.zeros((1, shape[0] // per_blob, *shape[1:]), np.uint8)
    return make_source(snapshot.testing.source, picture, np.zeros(1, np.int64))


def label_names(snapshot: Snapshot) -> dict[int, str]:
    """The names of the labels where the data set is at hand; else numbers have to do."""
    dataset, _ = split_source_name(snapshot.testing.source)
    if dataset in builtin.NAMES or dataset_path(dataset).exists():
        return open_source(snapshot.testing.source).label_names
    return {}
