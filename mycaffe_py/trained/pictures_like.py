"""The pictures that a snapshot's net takes: their size, and how files are read for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.layer_source import LayerSource, blue_first
from mycaffe_py.data.pictures.picture_record import Asked
from mycaffe_py.errors import UserError
from mycaffe_py.layers.base import Shape
from mycaffe_py.trained.read_picture import record_of, recorded_shape
from mycaffe_py.trained.snapshot import Snapshot, open_testing


def pictures_like(snapshot: Snapshot, asked: Asked | None = None) -> ArraySource:
    """A source whose pictures have the size the net's transform expects, and the record of how.

    Only a crop, or another number of channels, makes the size differ from the net's input; then it
    is the recorded one, or the data set has to be there.
    """
    layer = snapshot.transform()
    shape = snapshot.shapes.get(layer.top[0], ()) if layer.top else ()
    if not takes_pictures(snapshot) or snapshot.testing.counters:
        raise _no_pictures(snapshot, shape)
    channels = shape[1] // max(1, layer.data_param.images_per_blob)
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


def takes_pictures(snapshot: Snapshot) -> bool:
    """Whether what its net takes has the shape of pictures, gray or in colours."""
    layer = snapshot.transform()
    shape = snapshot.shapes.get(layer.top[0], ()) if layer.top else ()
    if len(shape) != 4:
        return False
    channels = shape[1] // max(1, layer.data_param.images_per_blob)
    return channels in (1, 3) and shape[2] * shape[3] > 1


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
