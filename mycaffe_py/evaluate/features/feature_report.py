"""The report of `mycaffe features`: the table that was made, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mycaffe_py.data.dataset_paths import split_source_name, table_folder
from mycaffe_py.data.feature_tables.feature_table import FeatureTable

_MIB = 2**20


@dataclass(frozen=True, eq=False)
class FeatureReport:
    """A table of features, told for people and machines."""

    table: FeatureTable

    @property
    def folder(self) -> Path:
        """Where the table lies."""
        return table_folder(split_source_name(self.table.name)[0])

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        table, card = self.table, self.table.card
        return {
            "name": table.name,
            "rows": len(table),
            "size": card.size,
            "dtype": card.dtype,
            "images": card.images,
            "variants": card.variants,
            "bytes": card.rows * card.row_bytes,
            "checksum": table.checksum,
            "folder": str(self.folder),
        }

    def lines(self) -> list[str]:
        """For people."""
        table, card = self.table, self.table.card
        mib = card.rows * card.row_bytes / _MIB
        size = f"{len(table):,} rows of {card.size:,} values, {card.dtype}, {mib:,.1f} MiB"
        return [
            f"{table.name}: {size}",
            f"  {table.description}",
            f"  sha256 {table.checksum}",
            f"  in {self.folder}",
        ]
