"""Between Caffe's LMDB or LevelDB folders and sources of the image database."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, Images, make_source
from mycaffe_py.data.caffe_stores.datum import make_datum
from mycaffe_py.data.caffe_stores.record_cursor import Walk
from mycaffe_py.data.caffe_stores.record_feed import read_record
from mycaffe_py.data.dataset_paths import data_folder
from mycaffe_py.data.pictures.picture_record import measured_record
from mycaffe_py.errors import UserError
from mycaffe_py.files.roomy import joined, roomy_zeros
from mycaffe_py.files.temporary import temporary_beside
from mycaffe_py.optional import optional

Progress = Callable[[int], object]

# Records of a transaction, as many as Caffe's own tools write at once.
_TRANSACTION = 1000
_PAGE_BYTES = 4096
# What a record takes in LMDB's index, and what an empty store takes; both generous.
_RECORD_BYTES = 256
_STORE_BYTES = 1 << 20


def read_images(walk: Walk, bgr: bool = False) -> Iterator[tuple[Images, int]]:
    """Image (C, H, W) and label of every record in order; decoded pictures RGB, or `bgr`."""
    for number in range(walk.length()):
        yield read_record(walk, number, "", bgr)


def source_of_records(
    walk: Walk, name: str, swap: bool = False, progress: Progress | None = None
) -> ArraySource:
    """All records of a folder as the source `name`; encoded pictures become RGB.

    `swap` turns the channels of the others round, which convert_imageset writes blue first.
    Errors: a record that cannot be read, images of several shapes, a label below 0.
    """
    labels = roomy_zeros(walk.length(), np.int64)
    made: Images = joined(_alike(walk, labels, swap, progress), data_folder())
    source = make_source(name, made, labels, description=f"records of {walk.folder.absolute()}")
    return dataclasses.replace(source, pictures=measured_record(made))


def _alike(
    walk: Walk, labels: NDArray[np.int64], swap: bool, progress: Progress | None
) -> Iterator[Images]:
    """Image (1, C, H, W) of every record, whose label is put into `labels` (n,).

    Errors: a record that cannot be read, one of another shape than the first.
    """
    first, _ = read_record(walk, 0, "", bgr=False)
    for number, (image, label) in enumerate(read_images(walk, bgr=swap)):
        if image.shape != first.shape or image.dtype != first.dtype:
            raise UserError(
                f"record {number} of {walk.folder} is {image.dtype} {image.shape}",
                wanted=f"the first one is {first.dtype} {first.shape}; a source has one shape",
                do="A Data layer reads the folder itself: data_param { source: FOLDER }.",
            )
        labels[number] = label
        yield swapped(image, swap)[np.newaxis]
        if progress is not None:
            progress(1)


def swapped(image: Images, swap: bool) -> Images:
    """A colour image (3, H, W) with its channels turned round if `swap`; others as they are."""
    return image[::-1] if swap and len(image) == 3 else image


def write_lmdb(
    source: ArraySource, folder: Path, swap: bool = False, progress: Progress | None = None
) -> None:
    """Write `source` as the LMDB folder `folder`: keys "00000000" ..., values Datum.

    Errors: the folder is there already, it cannot be written.
    """
    lmdb = optional("lmdb", "lmdb", "an LMDB folder")
    if folder.exists():
        raise UserError(f"{folder} is there already", do="Name a folder that is not.")
    temporary = temporary_beside(folder)
    try:
        temporary.mkdir(parents=True)
        with lmdb.open(str(temporary), map_size=_most_bytes(source)) as store:
            for first in range(0, len(source), _TRANSACTION):
                last = min(first + _TRANSACTION, len(source))
                with store.begin(write=True) as transaction:
                    for number in range(first, last):
                        image = swapped(source.image(number), swap)
                        value = make_datum(image, int(source.labels[number])).SerializeToString()
                        transaction.put(b"%08d" % number, value, append=True)
                if progress is not None:
                    progress(last - first)
        (temporary / "lock.mdb").unlink(missing_ok=True)
        temporary.rename(folder)
    except (OSError, lmdb.Error) as error:
        raise UserError(f"{folder} could not be written: {error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _most_bytes(source: ArraySource) -> int:
    """Bytes that LMDB may at most need: a record that fills no page shares one with another."""
    value = int(np.prod(source.shape)) * (1 if source.dtype == np.uint8 else 5) + _RECORD_BYTES
    pages = -(-value // _PAGE_BYTES) * _PAGE_BYTES + _RECORD_BYTES
    return len(source) * pages + _STORE_BYTES
