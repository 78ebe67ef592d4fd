"""The files of the image database, whichever kind of data set wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mycaffe_py.data.dataset_kind import DatasetKind, register
from mycaffe_py.data.dataset_paths import SUFFIX

if TYPE_CHECKING:
    from mycaffe_py.data.array_source import ArraySource
    from mycaffe_py.data.source_head import SourceHead
    from mycaffe_py.errors import Where


@register
class Database(DatasetKind):
    """A SQLite file for each data set."""

    name = "database"
    place = 2
    suffix = SUFFIX

    def splits(self, dataset: str) -> list[str]:
        """The splits in the file. Errors: a damaged file."""
        from mycaffe_py.data.image_database.database_reading import read_splits

        return read_splits(self.path(dataset))

    def open(self, dataset: str, split: str, where: Where | None = None) -> ArraySource:
        """A split. Errors: no such split, a damaged file."""
        from mycaffe_py.data.image_database.database_reading import read_source

        return read_source(self.path(dataset), dataset, split, where)

    def browse(self, dataset: str, split: str) -> ArraySource:
        """A split whose images stay in the file. Errors: as `open`."""
        from mycaffe_py.data.image_database.database_rows import read_rows

        return read_rows(self.path(dataset), dataset, split)

    def head(self, dataset: str, split: str, where: Where | None = None) -> SourceHead:
        """The head of a split. Errors: as `open`."""
        from mycaffe_py.data.image_database.database_reading import read_head

        return read_head(self.path(dataset), dataset, split, where)

    def stored_checksum(self, dataset: str, split: str) -> str | None:
        """The checksum in the file, "" where there is no such split; no images are read."""
        from mycaffe_py.data.image_database.database_reading import reading

        with reading(self.path(dataset)) as connection:
            row = connection.execute(
                "SELECT checksum FROM sources WHERE split = ?", (split,)
            ).fetchone()
            return str(row[0]) if row else ""
