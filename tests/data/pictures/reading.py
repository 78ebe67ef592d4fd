"""Pictures of a folder read into a place that goes when the tests are over."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from mycaffe_py.data.pictures.folder import FolderScan
from mycaffe_py.data.pictures.folder_reading import FolderRead, read_pictures
from mycaffe_py.data.pictures.how_to_read import HowToRead
from mycaffe_py.data.pictures.picture_record import Asked


def read_folder(
    scan: FolderScan,
    dataset: str,
    size: tuple[int, int] | None = None,
    gray: bool = False,
    skip_unreadable: bool = False,
    progress: Callable[[int], object] | None = None,
    asked: Asked | None = None,
    command: str = "",
    encoded: bool = False,
) -> FolderRead:
    """`read_pictures` with each option by its name; what is mapped outlives the folder."""
    how = HowToRead(size, gray, asked or Asked(), skip_unreadable, command, encoded)
    with tempfile.TemporaryDirectory() as folder:
        return read_pictures(scan, dataset, how, Path(folder), progress)
