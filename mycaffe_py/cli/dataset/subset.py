"""Floor 8. `mycaffe dataset create subset`: the images of some labels as a dataset of their own."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.database import write_dataset
from mycaffe_py.data.source import open_source, splits_of
from mycaffe_py.errors import UserError


def create_subset(args: argparse.Namespace, path: Path) -> None:
    """Write the dataset file `path`: every split of `args.origin` with `args.labels` only.

    Labels keep their numbers and names, images their order. A split with none of them is left out.
    """
    wanted = _labels(args.labels)
    # Opening a source creates what can be created, so that the splits are there to be listed.
    first = open_source(f"{args.origin}.training")
    names = [f"{args.origin}.{split}" for split in splits_of(args.origin)]
    sources = {}
    for name in names:
        source = first if name == first.name else open_source(name)
        split = name.rpartition(".")[2]
        kept = np.flatnonzero(np.isin(source.labels, wanted))
        if len(kept):
            sources[split] = _kept(source, kept, f"{args.name}.{split}")
    known = set(first.label_names)
    missing = sorted(set(wanted) - known)
    if missing or not sources:
        raise UserError(
            f"'{args.origin}' has no label {', '.join(map(str, missing or wanted))}",
            wanted=f"its labels are {', '.join(map(str, sorted(known)))}",
        )
    total = sum(len(source) for source in sources.values())
    text = ",".join(map(str, wanted))
    with tqdm(total=total, unit="image", desc="writing", disable=None) as bar:
        write_dataset(path, args.name, sources, f"labels {text} of {args.origin}", bar.update)


def _labels(text: str) -> list[int]:
    """The numbers of "5,6,7", each once, rising."""
    try:
        found = sorted({int(part) for part in text.split(",")})
    except ValueError:
        found = []
    if not found or found[0] < 0:
        raise UserError(
            f"--labels is '{text}'", wanted="label numbers with commas between, such as 0,1,2"
        )
    return found


def _kept(source: ArraySource, rows: np.ndarray, name: str) -> ArraySource:
    labels = source.labels[rows]
    names = {int(label): source.label_names[int(label)] for label in np.unique(labels)}
    made = make_source(name, source.gather(rows), labels, names)
    return dataclasses.replace(made, counters=source.counters, pictures=source.pictures)
