"""The data sets inside the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mycaffe_py.data.dataset_kind import DatasetKind, register

if TYPE_CHECKING:
    from mycaffe_py.data.array_source import ArraySource
    from mycaffe_py.data.source_head import SourceHead
    from mycaffe_py.errors import Where


@register
class BuiltIn(DatasetKind):
    """Data sets that need no set-up. No other data set can have one of their names."""

    name = "built-in"
    place = 1
    built_in = True

    def names(self) -> list[str]:
        """The names of the data sets in the package."""
        return ["digits28"]

    def holds(self, dataset: str) -> bool:
        """Whether it is one of the package."""
        return dataset in self.names()

    def splits(self, dataset: str) -> list[str]:
        """The splits, which all of them have."""
        from mycaffe_py.data.digits.builtin import SPLITS

        return list(SPLITS)

    def open(self, dataset: str, split: str, where: Where | None = None) -> ArraySource:
        """A split. Errors: no such split, a damaged installation."""
        from mycaffe_py.data.digits.builtin import read_source

        return read_source(dataset, split, where)

    def head(self, dataset: str, split: str, where: Where | None = None) -> SourceHead:
        """The head of a split. Errors: as `open`."""
        from mycaffe_py.data.digits.builtin import read_head

        return read_head(dataset, split, where)
