"""Floor 8. `mycaffe dataset create telecom | csv`, and `export NAME csv FILE`."""

from __future__ import annotations

import argparse
from pathlib import Path

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.counters import dataset as csv_dataset
from mycaffe_py.data.counters.export import counters_of, export_windows, numbers_of_label
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.database import write_dataset
from mycaffe_py.data.source import open_source
from mycaffe_py.data.telecom import dataset as telecom
from mycaffe_py.data.telecom.patterns import PATTERNS
from mycaffe_py.errors import UserError


def create_telecom(args: argparse.Namespace, path: Path) -> None:
    """Simulate traffic, and write it."""
    patterns = telecom.recipe_of(args.name).patterns
    if args.patterns == "all":
        patterns = PATTERNS
    elif args.patterns is not None:
        patterns = telecom.patterns_called(_names(args.patterns))
    recipe = telecom.Recipe(patterns, args.hours, args.seed, _like(args.like))
    telecom.create(path, args.name, recipe)


def create_csv(args: argparse.Namespace, path: Path) -> None:
    """Cut windows from CSV files, tell what was odd, and write them."""
    recipe = csv_dataset.Recipe(
        time_column=args.time_column,
        label_column=args.label_column,
        steps=args.window,
        stride=args.stride,
        test_share=args.test_share,
        validation_share=args.validation_share,
        columns=tuple(_names(args.columns)) if args.columns is not None else (),
        like=_like(args.like),
    )
    sources, told = csv_dataset.read_dataset(args.files, args.name, recipe)
    for line in told:
        print(line)
    write_dataset(path, args.name, sources, sources["training"].description)


def export_csv(sources: list[ArraySource], path: Path, label: str | None, index: int | None) -> int:
    """Write the windows of a source, or one of them, to the CSV file `path`."""
    if len(sources) != 1:
        names = ", ".join(source.name for source in sources)
        raise UserError("a CSV file holds one split", do=f"Name one of {names}.")
    source = sources[0]
    windows = list(range(len(source))) if label is None else numbers_of_label(source, label)
    if index is not None and not 0 <= index < len(windows):
        raise UserError(f"--index is {index}", wanted=f"0 to {len(windows) - 1}")
    if label is not None or index is not None:
        place = index or 0
        windows = windows[place : place + 1]
    counters = export_windows(source, windows, path)
    count = "1 window" if len(windows) == 1 else f"{len(windows)} windows"
    print(f"{source.name}: {count} of {counters.steps} rows in {path}")
    if len(windows) == 1:
        number = windows[0]
        print(f"window {number}: {source.label_names[int(source.labels[number])]}")
    return 0


def _like(name: str | None) -> Counters | None:
    """Counters and scaling of dataset `name`."""
    return None if name is None else counters_of(open_source(f"{name}.training"))


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
