"""The inputs that a snapshot's net takes from a program."""

from __future__ import annotations

from typing import Any

import numpy as np

from mycaffe_py.api.given.given import Given
from mycaffe_py.api.given.pictures import given_pictures
from mycaffe_py.api.given.rows import given_rows
from mycaffe_py.api.given.windows import given_windows
from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.in_memory.held import PREFIX
from mycaffe_py.data.pictures.picture_record import Asked
from mycaffe_py.trained.inputs import input_like
from mycaffe_py.trained.pictures_like import takes_pictures
from mycaffe_py.trained.snapshot import Snapshot, open_testing


def inputs_like(snapshot: Snapshot, asked: Asked) -> ArraySource:
    """A source of inputs like those the net takes: pictures, windows of counters, or plain values.

    Plain are rows of features, and images that a program has trained it with whose values are no
    bytes. Errors: the data are needed (a mean image) and are not there.
    """
    known = snapshot.data
    ours = known is not None and known.source.startswith(PREFIX) and not known.pictures
    if known is None or known.counters or (takes_pictures(snapshot) and not ours):
        return input_like(snapshot, asked)
    layer = snapshot.transform()
    shape = snapshot.shapes.get(layer.top[0], ()) if layer.top else ()
    if len(shape) != 4 or asked != Asked():
        return input_like(snapshot, asked)
    if layer.transform_param.use_imagedb_mean:
        return open_testing(snapshot)
    channels = shape[1] // max(1, layer.data_param.images_per_blob)
    zeros = np.zeros((1, channels, *shape[2:]), np.float32)
    return make_source(known.source, zeros, np.zeros(1, np.int64))


def given_to(like: ArraySource, images: Any) -> Given:
    """What a program gives to a net whose inputs are those of `like`. Errors: it takes others."""
    if like.counters:
        return given_windows(images, like)
    return given_pictures(images, like) if like.pictures else given_rows(images, like)
