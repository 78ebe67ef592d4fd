"""Floor 8. `mycaffe dataset list | show | verify | export`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from mycaffe_py.cli.dataset.exchange import export_lmdb
from mycaffe_py.data import builtin
from mycaffe_py.data.array_source import ArraySource, mean_image, source_checksum
from mycaffe_py.data.database_reading import read_splits
from mycaffe_py.data.place import data_folder, dataset_names, dataset_path
from mycaffe_py.data.sheet import as_picture, contact_sheet, mean_sheet
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import MyCaffeError, UserError, nearest


def list_all(args: argparse.Namespace) -> int:
    """Print every dataset with its splits; a damaged one with what is wrong."""
    facts = [_listed(dataset) for dataset in _all_names()]
    if args.json:
        print(json.dumps(facts, indent=1))
        return 0
    for fact in facts:
        if "error" in fact:
            print(f"{fact['dataset']}: {fact['error']}")
        for source in fact.get("sources", []):
            shape = "x".join(map(str, source["shape"]))
            print(
                f"{source['name']:24} {source['images']:8} images {shape:10} "
                f"{source['labels']:4} labels  {fact['where']}"
            )
    print(f"data folder: {data_folder()}")
    return 0


def show(args: argparse.Namespace) -> int:
    """Print counts, and save contact sheet and mean image of each source."""
    if args.columns < 1:
        raise UserError(f"--columns is {args.columns}", wanted="at least 1")
    facts = []
    for source in _sources(args.name):
        args.out.mkdir(parents=True, exist_ok=True)
        sheet_path = args.out / f"{source.name}.sheet.png"
        mean_path = args.out / f"{source.name}.mean.png"
        contact_sheet(source, args.columns).save(sheet_path)
        mean_sheet(source).save(mean_path)
        fact = _facts(source) | {"sheet": str(sheet_path), "mean": str(mean_path)}
        facts.append(fact)
        if not args.json:
            _print_counts(source, fact)
    if args.json:
        print(json.dumps(facts, indent=1))
    return 0


def verify(args: argparse.Namespace) -> int:
    """Compare pixels, labels and mean image with what was stored; 1 when one differs."""
    facts = []
    for source in _sources(args.name):
        found = source_checksum(source.images, source.labels)
        same_mean = bool(np.array_equal(source.mean(), mean_image(source.images)))
        sound = found == source.checksum and same_mean
        facts.append({"name": source.name, "sound": sound, "checksum": found})
        if args.json:
            continue
        if found != source.checksum:
            print(f"{source.name}: CHANGED: sha256 {found}, created with {source.checksum}")
        elif not same_mean:
            print(f"{source.name}: CHANGED: the stored mean image is not the mean of its images")
        else:
            print(f"{source.name}: {len(source)} images as they were created, sha256 {found}")
    if args.json:
        print(json.dumps(facts, indent=1))
    if not all(fact["sound"] for fact in facts):
        raise MyCaffeError(
            f"dataset '{args.name}' is not as it was created", do="Create it again with --force."
        )
    return 0


def export(args: argparse.Namespace) -> int:
    """Write a PNG for each image, DIR/<split>/<label>/<index>.png, or an LMDB folder."""
    if args.kind == "lmdb":
        return export_lmdb(list(_sources(args.name)), args.folder, args.bgr)
    if args.folder == Path("lmdb"):
        raise UserError("no folder for the LMDB", do="mycaffe dataset export NAME lmdb DIR")
    for source in _sources(args.name):
        split = source.name.rpartition(".")[2]
        digits = len(str(len(source) - 1))
        labels = source.labels.tolist()
        for label in sorted(set(labels)):
            _label_folder(args.folder / split, source, label).mkdir(parents=True, exist_ok=True)
        for index, label in enumerate(tqdm(labels, unit="image", desc=split, disable=None)):
            path = _label_folder(args.folder / split, source, label) / f"{index:0{digits}}.png"
            as_picture(source.images[index]).save(path)
        print(f"{source.name}: {len(source)} images in {args.folder / split}")
    return 0


def _label_folder(folder: Path, source: ArraySource, label: int) -> Path:
    """Folder of a label, by its name; by its number where the name is no file name."""
    name = source.label_names[label]
    plain = name.replace("_", "").replace("-", "").replace(" ", "").isalnum()
    return folder / (name if plain else str(label))


def _all_names() -> list[str]:
    return [*dataset_names(), *builtin.NAMES]


def _splits(dataset: str) -> list[str]:
    if dataset in builtin.NAMES:
        return list(builtin.SPLITS)
    return read_splits(dataset_path(dataset))


def _sources(name: str) -> Iterator[ArraySource]:
    """The source called `name`, or all sources of the dataset called so."""
    known = _all_names()
    if name in known:
        for split in _splits(name):
            yield open_source(f"{name}.{split}")
        return
    dataset = name.rpartition(".")[0]
    if dataset not in known:
        raise UserError(f"there is no dataset '{dataset or name}'", do=nearest(name, known))
    yield open_source(name)


def _listed(dataset: str) -> dict[str, Any]:
    try:
        sources = [open_source(f"{dataset}.{split}") for split in _splits(dataset)]
    except UserError as error:
        return {"dataset": dataset, "error": str(error)}
    built_in = dataset in builtin.NAMES
    where = "built in" if built_in else str(dataset_path(dataset))
    facts = [
        {
            "name": source.name,
            "images": len(source),
            "shape": list(source.shape),
            "labels": source.label_count,
        }
        for source in sources
    ]
    return {
        "dataset": dataset,
        "where": where,
        "description": sources[0].description if sources else "",
        "sources": facts,
    }


def _facts(source: ArraySource) -> dict[str, Any]:
    counts = np.bincount(source.labels, minlength=max(source.label_names, default=-1) + 1)
    return {
        "name": source.name,
        "description": source.description,
        "images": len(source),
        "shape": list(source.shape),
        "checksum": source.checksum,
        "per_label": {
            source.label_names.get(label, str(label)): count
            for label, count in enumerate(counts.tolist())
        },
    }


def _print_counts(source: ArraySource, fact: dict[str, Any]) -> None:
    shape = "x".join(map(str, source.shape))
    print(f"{source.name}: {len(source)} images {shape}, checksum {source.checksum[:16]}")
    if source.description:
        print(f"  {source.description}")
    widest = max(len(name) for name in fact["per_label"])
    for name, count in fact["per_label"].items():
        print(f"  {name:{widest}} {count:8}")
    print(f"  {fact['sheet']}  {fact['mean']}", file=sys.stdout)
