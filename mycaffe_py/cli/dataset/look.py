"""`mycaffe dataset list | show | verify | export`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mycaffe_py.cli.dataset.exchange import export_lmdb
from mycaffe_py.cli.dataset.tables import (
    export_table,
    refuse_no_place,
    refuse_pictures,
    table_facts,
    table_words,
)
from mycaffe_py.cli.dataset.windows import export_csv
from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.dataset_lookup import all_names, holder_of, maker_of, names_that_open
from mycaffe_py.data.dataset_paths import data_folder
from mycaffe_py.data.doubles import doubles_of_splits
from mycaffe_py.data.feature_tables.feature_table import FeatureTable
from mycaffe_py.data.label_match import class_names
from mycaffe_py.data.pictures.picture_record import PictureRecord
from mycaffe_py.data.pictures.picture_tree import write_pictures
from mycaffe_py.data.pictures.sheet import contact_sheet, mean_sheet
from mycaffe_py.data.plural import plural
from mycaffe_py.data.progress import Progress
from mycaffe_py.data.source import open_source, splits_of
from mycaffe_py.errors import MyCaffeError, UserError, nearest
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.printable import one_line


def list_all(args: argparse.Namespace) -> int:
    """Print every dataset with its splits; a damaged one with what is wrong."""
    facts = []
    for dataset in all_names():
        fact, sources = _listed(dataset)
        facts.append(fact)
        if args.json:
            continue
        if "error" in fact:
            print(f"{dataset}: {fact['error']}")
        for source in sources:
            print(f"{_list_line(source)}  {fact['where']}")
    if args.json:
        print(json.dumps(facts, indent=1))
        return 0
    print(f"data folder: {data_folder()}")
    return 0


def _list_line(source: ArraySource) -> str:
    shape = "x".join(map(str, source.shape))
    items = f"{len(source):8} {plural(len(source), source.word)}"
    return f"{source.name:24} {items} {shape:10} {source.class_count:4} " + plural(
        source.class_count, "label"
    )


def show(args: argparse.Namespace) -> int:
    """Print counts, and save contact sheet and mean image of each source."""
    if args.columns < 1:
        raise UserError(f"--columns is {args.columns}", wanted="at least 1")
    facts = []
    for source in _sources(args.name):
        fact = _facts(source)
        if isinstance(source, FeatureTable):
            fact |= table_facts(source)
        else:
            fact |= _draw(source, args.out, args.columns)
        facts.append(fact)
        if not args.json:
            _print_counts(source, fact)
    if args.json:
        print(json.dumps(facts, indent=1))
    return 0


def _draw(source: ArraySource, folder: Path, columns: int) -> dict[str, str]:
    """Save contact sheet and mean image; the names of their files."""
    folder.mkdir(parents=True, exist_ok=True)
    sheet_path = folder / f"{source.name}.sheet.png"
    mean_path = folder / f"{source.name}.mean.png"
    write_atomically(sheet_path, partial(contact_sheet(source, columns).save, format="PNG"))
    write_atomically(mean_path, partial(mean_sheet(source).save, format="PNG"))
    return {"sheet": str(sheet_path), "mean": str(mean_path)}


def verify(args: argparse.Namespace) -> int:
    """Compare pixels, labels and mean image with what was stored; 1 when one differs."""
    facts = []
    sources = list(_sources(args.name))
    for source in sources:
        found = source.found_checksum()
        same_mean = bool(np.array_equal(source.mean(), source.found_mean()))
        sound = found == source.checksum and same_mean
        facts.append({"name": source.name, "sound": sound, "checksum": found})
        if args.json:
            continue
        if found != source.checksum:
            print(f"{source.name}: CHANGED: sha256 {found}, created with {source.checksum}")
        elif not same_mean:
            print(f"{source.name}: CHANGED: the stored mean image is not the mean of its images")
        else:
            items = f"{len(source)} {plural(len(source), source.word)}"
            print(f"{source.name}: {items} as they were created, sha256 {found}")
    doubles = doubles_of_splits(sources)
    if args.json:
        known = doubles.facts()
        facts = [fact | {"doubles": known.get(str(fact["name"]), [])} for fact in facts]
        print(json.dumps(facts, indent=1))
    else:
        for line in doubles.lines():
            print(line)
    if not all(fact["sound"] for fact in facts):
        raise MyCaffeError(
            f"dataset '{args.name}' is not as it was created", do="Create it again with --force."
        )
    return 0


def export(args: argparse.Namespace) -> int:
    """Write a PNG for each image, DIR/<split>/<label>/<index>.png, an LMDB folder, or a CSV."""
    if args.kind == "lmdb":
        return export_lmdb(list(_sources(args.name)), args.folder, args.bgr)
    if args.kind is not None:
        sources = list(_sources(args.name))
        if args.kind == "csv" and not all(isinstance(one, FeatureTable) for one in sources):
            return export_csv(sources, args.folder, args.label, args.index, args.series)
        _refuse_choice(args)
        return export_table(sources, args.kind, args.folder)
    _refuse_choice(args)
    refuse_no_place(args.folder)
    for source in _sources(args.name):
        refuse_pictures(source)
        split = source.name.rpartition(".")[2]
        with Progress(len(source), "image", split) as bar:
            write_pictures(source, args.folder / split, bar.update)
        items = f"{len(source)} {plural(len(source), source.word)}"
        print(f"{source.name}: {items} in {args.folder / split}")
    return 0


def _refuse_choice(args: argparse.Namespace) -> None:
    if any(given is not None for given in (args.label, args.index, args.series)):
        raise UserError("--label, --index and --series are for 'export NAME csv FILE', of windows")


def _sources(name: str) -> Iterator[ArraySource]:
    """The source called `name`, or all sources of the dataset called so."""
    known = all_names()
    if name in known:
        for split in splits_of(name):
            yield open_source(f"{name}.{split}")
        return
    maker = maker_of(name)
    if maker is not None and maker.certainly:
        open_source(f"{name}.training")
        yield from _sources(name)
        return
    dataset = name if maker is not None else name.rpartition(".")[0]
    maker = maker_of(dataset)
    if maker is not None and not maker.certainly and dataset not in known:
        raise UserError(f"there is no dataset '{dataset}' yet", do=maker.how_to_make(dataset))
    if dataset not in known and maker is None:
        raise UserError(
            f"there is no dataset '{dataset or name}'",
            do=nearest(dataset or name, names_that_open()),
        )
    yield open_source(name)


def _listed(dataset: str) -> tuple[dict[str, Any], list[ArraySource]]:
    """What `list` tells of a dataset for machines, and its sources."""
    try:
        sources = [open_source(f"{dataset}.{split}") for split in splits_of(dataset)]
    except UserError as error:
        return {"dataset": dataset, "error": str(error)}, []
    holder = holder_of(dataset)
    if not sources and holder is not None and holder.without_splits:
        return {"dataset": dataset, "error": holder.without_splits}, []
    where = "" if holder is None else holder.place_of(dataset)
    facts = [
        {
            "name": source.name,
            "images": len(source),
            "shape": list(source.shape),
            "labels": source.class_count,
        }
        for source in sources
    ]
    fact = {
        "dataset": dataset,
        "where": where,
        "description": sources[0].description if sources else "",
        "sources": facts,
    }
    return fact, sources


def _facts(source: ArraySource) -> dict[str, Any]:
    names = class_names(source)
    counts = np.unique(source.labels, return_counts=True)[1].tolist()
    return {
        "name": source.name,
        "description": source.description,
        "images": len(source),
        "shape": list(source.shape),
        "checksum": source.checksum,
        "pictures": _record(source),
        "per_label": dict(zip(names.values(), counts, strict=True)),
        "label_numbers": {name: label for label, name in names.items()},
    }


def _record(source: ArraySource) -> str:
    """How the pictures were read, in words; "" where nobody knows."""
    return PictureRecord.from_json(source.pictures).words() if source.pictures else ""


def _print_counts(source: ArraySource, fact: dict[str, Any]) -> None:
    shape = "x".join(map(str, source.shape))
    items = f"{len(source)} {plural(len(source), source.word)}"
    print(f"{source.name}: {items} {shape}, checksum {source.checksum[:16]}")
    if source.description:
        print(f"  {source.description}")
    if fact["pictures"]:
        print(f"  pictures read as {fact['pictures']}")
    numbers = fact["label_numbers"]
    widest = max(len(one_line(name)) for name in numbers)
    digits = len(str(max(numbers.values())))
    named = any(name != str(label) for name, label in numbers.items())
    for name, count in fact["per_label"].items():
        number = f"{numbers[name]:{digits}}  " if named else ""
        print(f"  {number}{one_line(name):{widest}} {count:8}")
    if isinstance(source, FeatureTable):
        print("\n".join(table_words(source)))
    else:
        print(f"  {fact['sheet']}  {fact['mean']}", file=sys.stdout)
