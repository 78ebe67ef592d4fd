"""The pictures that were read for a split, as a source."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.image_database.database_images import mapped_source
from mycaffe_py.data.image_database.row_files import mapped_rows
from mycaffe_py.data.pictures.begun_reading import BegunReading
from mycaffe_py.data.pictures.picture_list import TRAINING
from mycaffe_py.data.pictures.picture_record import PictureRecord
from mycaffe_py.data.selection.label_numbers import blocks, present_in
from mycaffe_py.files.roomy import roomy_zeros


@dataclass(frozen=True)
class Kept:
    """What all splits have in common: `record` of how pictures were read, and where they are kept
    as they came the one (JSON) by which they are decoded, `to_decode`."""

    dataset: str
    label_names: Mapping[int, str]
    record: PictureRecord
    to_decode: str = ""


def source_of(begun: BegunReading, split: str, kept: Kept) -> ArraySource:
    """All that was read for `split`, with checksum and mean."""
    places = begun.places(split)
    labels = roomy_zeros(len(places), np.int64)
    for at in blocks(len(places)):
        labels[at] = begun.files.labels[places[at]]
    known = present_in(labels).tolist() if split == TRAINING else kept.label_names
    plain = ArraySource(
        name=f"{kept.dataset}.{split}",
        images=np.empty((0, *kept.record.shape), np.uint8),
        labels=labels,
        label_names={label: kept.label_names[label] for label in sorted(known)},
        checksum="",
        pictures=kept.record.to_json(),
    )
    path = begun.data_path(split)
    source: ArraySource
    if kept.to_decode:
        source = mapped_source(plain, path, begun.sizes(split), kept.to_decode)
    else:
        images = mapped_rows(path, len(labels), plain.shape, np.uint8)
        source = dataclasses.replace(plain, images=images)
    total = begun.sums.get(split)
    mean = None if total is None else (total / len(labels)).astype(np.float32)
    return dataclasses.replace(
        source,
        checksum=source.found_checksum(),
        image_mean=source.found_mean() if mean is None else mean,
    )
