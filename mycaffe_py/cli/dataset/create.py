"""`mycaffe dataset create`: whatever the kinds of data sets can make."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mycaffe_py.data.changed import trust_new
from mycaffe_py.data.contents import content_line
from mycaffe_py.data.dataset_kind import DatasetKind, dataset_kinds
from mycaffe_py.data.dataset_lookup import holder_of, is_built_in
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.doubles import double_lines
from mycaffe_py.data.source import open_source, splits_of
from mycaffe_py.errors import UserError


def create(args: argparse.Namespace) -> int:
    """Create the dataset `args.name`."""
    kind = dataset_kinds.get(args.kind)
    path = _new_path(kind, args.name, args.force)
    made = kind.create(args, path)
    for line in made.lines:
        print(line)
    for note in made.notes:
        print(note, file=sys.stderr)
    sources = [open_source(f"{args.name}.{split}") for split in splits_of(args.name)]
    for source in sources:
        trust_new(source)
        print(content_line(source))
    for line in double_lines(sources, made.files):
        print(line)
    print(f"in {path}")
    return 0


def _new_path(kind: DatasetKind, name: str, force: bool) -> Path:
    if is_built_in(name):
        raise UserError(f"'{name}' is built in", do="Give the new dataset another name.")
    path = kind.path(name)
    if path.exists() and not force:
        raise UserError(
            f"dataset '{name}' is there already: {path}", do="Pass --force to replace it."
        )
    holder = holder_of(name)
    # A file of the image database comes before all other forms, so the new one would not be found.
    if holder is not None and holder.path(name) == dataset_path(name) != path:
        raise UserError(
            f"there is a dataset '{name}' of another kind: {holder.path(name)}",
            do="Give the new dataset another name.",
        )
    return path
