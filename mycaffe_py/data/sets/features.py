"""Tables of features, which `mycaffe features` writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mycaffe_py.data.dataset_kind import DatasetKind, register
from mycaffe_py.data.dataset_paths import TABLE_SUFFIX

if TYPE_CHECKING:
    from mycaffe_py.data.array_source import ArraySource
    from mycaffe_py.data.source_head import SourceHead
    from mycaffe_py.errors import Where


@register
class Features(DatasetKind):
    """A folder for each table."""

    name = "features"
    place = 3
    suffix = TABLE_SUFFIX
    without_splits = "a feature table of which no split is complete"

    def holds(self, dataset: str) -> bool:
        """Whether there is a folder of the name."""
        return self.path(dataset).is_dir()

    def splits(self, dataset: str) -> list[str]:
        """The splits that are complete."""
        from mycaffe_py.data.feature_tables.feature_card import table_splits

        return table_splits(dataset)

    def open(self, dataset: str, split: str, where: Where | None = None) -> ArraySource:
        """A split. Errors: one that is not there, not complete, damaged or stale."""
        from mycaffe_py.data.feature_tables.feature_table import read_table

        return read_table(dataset, split, where)

    def head(self, dataset: str, split: str, where: Where | None = None) -> SourceHead:
        """The head of a split. Errors: as `open`, but no value is looked at."""
        from mycaffe_py.data.feature_tables.feature_table import read_table_head

        return read_table_head(dataset, split, where)

    def stored_checksum(self, dataset: str, split: str) -> str | None:
        """The checksum on the table's card, None where there is no card."""
        from mycaffe_py.data.feature_tables.feature_card import TableFiles, read_card

        card = TableFiles.of(dataset, split).card
        return read_card(card)[0].checksum if card.exists() else None
