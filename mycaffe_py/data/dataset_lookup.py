"""Which kind of data set holds a name, and which one can make it."""

from __future__ import annotations

from mycaffe_py.data.dataset_kind import DatasetKind, all_kinds, dataset_kinds


def holder_of(dataset: str) -> DatasetKind | None:
    """The kind that holds `dataset`, None where it is not there. Errors: no name for a data set.

    Where several kinds have one of the name, the first by its place is taken.
    """
    return next((kind for kind in all_kinds() if kind.holds(dataset)), None)


def maker_of(dataset: str) -> DatasetKind | None:
    """The kind that can make `dataset` without being told how, None where there is none."""
    return next((kind for kind in all_kinds() if dataset in kind.known), None)


def is_built_in(dataset: str) -> bool:
    """Whether `dataset` is part of the package."""
    return any(kind.built_in and dataset in kind.names() for kind in all_kinds())


def in_database(dataset: str) -> bool:
    """Whether `dataset` is a file of the image database."""
    return holder_of(dataset) is dataset_kinds.get("database")


def dataset_names() -> list[str]:
    """The data sets in the data folder, sorted."""
    kinds = [kind for kind in all_kinds() if not kind.built_in]
    return sorted({name for kind in kinds for name in kind.names()})


def all_names() -> list[str]:
    """The data sets that are there: those in the data folder, then those of the package."""
    return dataset_names() + [n for kind in all_kinds() if kind.built_in for n in kind.names()]


def names_that_open() -> list[str]:
    """The data sets that are there, and those that can be made when they are asked for."""
    known = [name for kind in all_kinds() for name in kind.known]
    return list(dict.fromkeys([*all_names(), *known]))
