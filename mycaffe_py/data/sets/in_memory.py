"""Data sets of arrays that the running program has handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mycaffe_py.data.dataset_kind import DatasetKind, register

if TYPE_CHECKING:
    from mycaffe_py.data.array_source import ArraySource
    from mycaffe_py.errors import Where


@register
class InMemory(DatasetKind):
    """Held by data/in_memory/held.py; nobody but the process that holds one can open it."""

    name = "in-memory"
    place = 4

    def place_of(self, dataset: str) -> str:
        """They are no files."""
        return "in memory"

    def holds(self, dataset: str) -> bool:
        """Whether it is held now."""
        from mycaffe_py.data.in_memory.held import splits_held

        return bool(splits_held(dataset))

    def splits(self, dataset: str) -> list[str]:
        """Those that were handed over."""
        from mycaffe_py.data.in_memory.held import splits_held

        return list(splits_held(dataset))

    def open(self, dataset: str, split: str, where: Where | None = None) -> ArraySource:
        """A split. Errors: no such split."""
        from mycaffe_py.data.in_memory.held import splits_held
        from mycaffe_py.errors import UserError, nearest

        held = splits_held(dataset)
        if split not in held:
            raise UserError(
                f"dataset '{dataset}' has no split '{split}'",
                where=where,
                do=nearest(split, held),
            )
        return held[split]
