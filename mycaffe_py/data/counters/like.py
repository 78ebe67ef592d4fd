"""Options that data sets of counters have in common; imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from mycaffe_py.data.counters.scaling import Counters


def add_like(parser: argparse.ArgumentParser) -> None:
    """--like, and --force which stands last."""
    parser.add_argument(
        "--like", metavar="DATASET", help="take counters and scaling from this dataset"
    )
    parser.add_argument("--force", action="store_true", help="replace a dataset of this name")


def counters_like(name: str | None) -> Counters | None:
    """Counters and scaling of the dataset `name`. Errors: it cannot be had or has no counters."""
    from mycaffe_py.data.counters.export import counters_of
    from mycaffe_py.data.source import open_source

    return None if name is None else counters_of(open_source(f"{name}.training"))


def listed_names(text: str) -> list[str]:
    """The names of "a, b,c"."""
    return [name.strip() for name in text.split(",") if name.strip()]
