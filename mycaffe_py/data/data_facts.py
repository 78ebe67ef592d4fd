"""What texts that fit a data set have to know of it, read from the data set itself."""

from __future__ import annotations

import numpy as np

from mycaffe_py.data.dataset_lookup import all_names, holder_of
from mycaffe_py.data.pictures.picture_record import DARK_ON_LIGHT, LIGHT_ON_DARK, PictureRecord
from mycaffe_py.data.source import open_head, splits_of
from mycaffe_py.data.source_head import SourceHead
from mycaffe_py.errors import UserError
from mycaffe_py.proto.fitted.data_facts import DataFacts

_TRAINING = "training"
# Measured while a net learns, the first that there is.
_MEASURED = ("validation", "testing")
_PICTURE_CHANNELS = (1, 3)
_GROUND = {LIGHT_ON_DARK: 0, DARK_ON_LIGHT: 255}
_MIDDLE = 127


def facts_of(dataset: str) -> DataFacts:
    """The facts of `dataset`, of which no image is read.

    Validation is measured while a net learns, testing where there is none. Errors: no such data
    set, no training split, items of one class alone.
    """
    name, _, split = dataset.rpartition(".")
    if split in (_TRAINING, *_MEASURED) and dataset not in all_names():
        dataset = name
    head = open_head(f"{dataset}.{_TRAINING}")
    classes = head.class_count
    if classes < 2:
        raise UserError(
            f"'{head.name}' has {classes} class",
            wanted="a net learns to tell at least 2 apart",
        )
    there = splits_of(dataset) if holder_of(dataset) is not None else [_TRAINING, "testing"]
    testing = next((split for split in _MEASURED if split in there), "")
    return DataFacts(
        training=f"{dataset}.{_TRAINING}",
        shape=head.shape,
        classes=classes,
        items=len(head),
        testing=f"{dataset}.{testing}" if testing else "",
        test_items=len(open_head(f"{dataset}.{testing}")) if testing else 0,
        pictures=_pictures(head),
        ground=_ground(head),
    )


def _pictures(head: SourceHead) -> bool:
    channels, height, width = head.shape
    return head.dtype == np.uint8 and channels in _PICTURE_CHANNELS and min(height, width) > 1


def _ground(head: SourceHead) -> int:
    """What is around what gray pictures show; of others nobody knows, so the middle."""
    if not head.pictures or head.shape[0] != 1:
        return _MIDDLE
    return _GROUND.get(PictureRecord.from_json(head.pictures).polarity, _MIDDLE)
