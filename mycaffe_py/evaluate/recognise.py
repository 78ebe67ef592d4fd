"""Floor 7. Single pictures through the RUN net of a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.layer_source import LayerSource, blue_first
from mycaffe_py.data.picture_record import Asked, PictureRecord
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.drawn import read_picture, record_of, recorded_shape
from mycaffe_py.evaluate.learned_labels import answerable, label_names
from mycaffe_py.evaluate.read_each import Unread, read_each
from mycaffe_py.evaluate.run_net import RunNet, not_finite
from mycaffe_py.evaluate.snapshot import Snapshot, open_testing
from mycaffe_py.layers.base import Shape


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


def recognise(
    snapshot: Snapshot, paths: Sequence[Path], asked: Asked | None = None
) -> list[Recognised | Unread]:
    """Ask the RUN net for every picture, but those that cannot be read.

    They are read as those the net learned, or as `asked`. Errors: a net that takes no pictures.
    """
    like = pictures_like(snapshot, asked)
    record = PictureRecord.from_json(like.pictures)
    net = RunNet(snapshot, like, 1)
    names = label_names(snapshot)
    found: list[Recognised | Unread] = []
    for path, drawn in read_each(paths, lambda path: read_picture(path, like.shape, record)):
        if isinstance(drawn, Unread):
            found.append(drawn)
            continue
        distances = net.distances(drawn.pixels[np.newaxis])[0]
        if np.isnan(distances).any():
            raise not_finite(snapshot)
        measure, sign = ("distance", 1.0) if net.kind == "Decode" else ("score", -1.0)
        labels = answerable(names, len(distances))
        order = labels[np.argsort(distances[labels], kind="stable")].tolist()
        ranking = tuple((names.get(i, str(i)), sign * float(distances[i])) for i in order)
        found.append(Recognised(path, measure, ranking, drawn.done))
    return found


def pictures_like(snapshot: Snapshot, asked: Asked | None = None) -> ArraySource:
    """A source whose pictures have the size the net's transform expects, and the record of how.

    Only a crop, or another number of channels, makes the size differ from the net's input; then it
    is the recorded one, or the data set has to be there.
    """
    layer = snapshot.transform()
    shape = snapshot.shapes.get(layer.top[0], ()) if layer.top else ()
    per_blob = max(1, layer.data_param.images_per_blob)
    channels = shape[1] // per_blob if len(shape) == 4 else 0
    if channels not in (1, 3) or shape[2] * shape[3] == 1 or snapshot.testing.counters:
        raise _no_pictures(snapshot, shape)
    wanted = layer.transform_param
    store = snapshot.store
    turns = store is not None and channels == 3 and blue_first(store)
    cut = wanted.crop_size or wanted.force_gray or wanted.force_color
    size = recorded_shape(snapshot) if cut else (channels, shape[2], shape[3])
    if size is None or wanted.use_imagedb_mean:
        # Nor can a mean image be had from anywhere else.
        made = open_testing(snapshot)
    else:
        picture = np.zeros((1, *size), np.uint8)
        made = make_source(snapshot.testing.source, picture, np.zeros(1, np.int64))
    made = replace(made, pictures=record_of(snapshot, made.shape, asked).to_json())
    return made if store is None else LayerSource(**{**vars(made), "turns": turns})


def _no_pictures(snapshot: Snapshot, shape: Shape) -> UserError:
    data = snapshot.data
    kinds = {layer.type for layer in snapshot.text.net.layer if not layer.bottom}
    takes = f"rows of {shape[1:]}" if shape else f"what {' and '.join(sorted(kinds))} gives"
    do = ""
    if data is not None and data.counters:
        takes, do = "windows of counters", "'mycaffe identify WINDOW.csv' names one."
    return UserError(
        f"the net of '{snapshot.files.weights}' takes no pictures",
        wanted=f"it takes {takes}" + (f", as those of {data.source}" if data else ""),
        do=do,
    )
