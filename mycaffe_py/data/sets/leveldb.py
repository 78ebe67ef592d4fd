"""The LevelDB folders of Caffe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mycaffe_py.data.dataset_kind import DatasetKind, register

if TYPE_CHECKING:
    from pathlib import Path

    from mycaffe_py.data.caffe_stores.record_cursor import Walk


@register
class LevelDb(DatasetKind):
    """Read by `mycaffe dataset import` into a split of a data set."""

    name = "leveldb"
    place = 21
    imports = True

    def records(self, folder: Path) -> Walk:
        """The images in `folder`. Errors: no such folder, a damaged one."""
        from mycaffe_py.data.caffe_stores.stores import open_records

        return open_records(folder, "LEVELDB")
