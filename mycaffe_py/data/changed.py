"""Checks that a data set has not changed since it was made.

When the file's size or time has changed since the last check, the checksum of its images is
computed and compared with the one in the file (data/feature_tables/feature_checks.py).
"""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.dataset_lookup import in_database
from mycaffe_py.data.dataset_paths import dataset_path, is_source_name, split_source_name
from mycaffe_py.data.feature_tables.feature_checks import Sums, times_of
from mycaffe_py.data.image_database.database_reading import image_file
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError

_IMAGES = "images"


def check_unchanged(source: ArraySource) -> None:
    """Refuse a source of the image database whose images or labels have changed.

    Tables of features are checked when they are opened. All other sources are not checked.
    """
    if not is_source_name(source.name):
        return
    dataset = split_source_name(source.name)[0]
    if not in_database(dataset):
        return
    path = dataset_path(dataset)
    files = _files(source.name)
    sums = Sums(source.name)
    found = sums.of(_IMAGES, files, lambda: _stored_sum(source))
    if found != source.checksum:
        # Earlier versions kept the sum of labels that were numbered as another data set's.
        found = _stored_sum(source)
        sums.remember(_IMAGES, times_of(files), found)
    if found != source.checksum:
        raise UserError(
            f"the images or labels of '{source.name}' have changed since it was made: "
            f"sha256 {found[:16]}... ({files[-1]})",
            wanted=f"{source.checksum[:16]}..., which stands in {path.name}",
            do=f"'mycaffe dataset verify {dataset}' tells more; create it again with --force.",
        )


def trust_new(source: ArraySource) -> None:
    """Remember the checksum of a source that was just made, so that it is not read to be checked.

    Of a source that is not in the image database nothing is remembered.
    """
    if in_database(split_source_name(source.name)[0]):
        Sums(source.name).remember(_IMAGES, times_of(_files(source.name)), source.checksum)


def _files(name: str) -> list[Path]:
    """The dataset file of a source, and the file of its images where that is another one."""
    dataset, split = split_source_name(name)
    path = dataset_path(dataset)
    images = image_file(path, split)
    return [path] if images is None else [path, images]


def _stored_sum(source: ArraySource) -> str:
    """The checksum of the images and labels in the file that `source` was read from."""
    found = source.found_checksum()
    if found == source.checksum:
        return found
    # Its labels may have been numbered as those of another data set, or classes set aside.
    return open_source(source.name, make=False).found_checksum()
