"""Floor 2. Is a data set what it was when it was made?

The checksum that stands in its file is compared with one of the images themselves, once the file's
size or time is another than when that was last done (feature_checks.py).
"""

from __future__ import annotations

from mycaffe_py.data import builtin
from mycaffe_py.data.array_source import ArraySource, source_checksum
from mycaffe_py.data.feature_checks import Sums
from mycaffe_py.data.place import dataset_path, is_source_name, split_source_name
from mycaffe_py.errors import UserError

_IMAGES = "images"


def check_unchanged(source: ArraySource) -> None:
    """Refuse a source of the image database whose images or labels have changed.

    Tables are checked when they are opened; what is no file of the database is not looked at.
    """
    if not is_source_name(source.name):
        return
    dataset = split_source_name(source.name)[0]
    path = dataset_path(dataset)
    if dataset in builtin.NAMES or not path.is_file():
        return
    found = Sums(source.name).of(
        _IMAGES, [path], lambda: source_checksum(source.images, source.labels)
    )
    if found != source.checksum:
        raise UserError(
            f"the images or labels of '{source.name}' have changed since it was made: "
            f"sha256 {found[:16]}... ({path})",
            wanted=f"{source.checksum[:16]}..., which stands in the file",
            do=f"'mycaffe dataset verify {dataset}' tells more; create it again with --force.",
        )
