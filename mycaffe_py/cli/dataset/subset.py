"""Floor 8. `mycaffe dataset create subset`: the images of some labels as a dataset of their own."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import numpy as np

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.database import write_dataset
from mycaffe_py.data.label_choice import chosen_labels, told
from mycaffe_py.data.label_match import class_names
from mycaffe_py.data.progress import Progress
from mycaffe_py.data.source import open_source, splits_of
from mycaffe_py.errors import UserError


def create_subset(args: argparse.Namespace, path: Path) -> None:
    """Write the dataset file `path`: every split of `args.origin` with `args.labels` only.

    Labels keep their numbers and names, images their order. A split with none of them is left out.
    """
    # Opening a source creates what can be created, so that the splits are there to be listed.
    first = open_source(f"{args.origin}.training")
    names = [f"{args.origin}.{split}" for split in splits_of(args.origin)]
    wholes = [first if name == first.name else open_source(name) for name in names]
    known = {label: name for whole in wholes for label, name in class_names(whole).items()}
    wanted = sorted(chosen_labels("--labels", args.labels, known, args.origin))
    missing = [label for label in wanted if label not in known]
    if missing:
        raise UserError(
            f"'{args.origin}' has no label {', '.join(map(str, missing))}",
            wanted=f"its labels are {told(known)}",
        )
    sources = {}
    for whole in wholes:
        kept = np.flatnonzero(np.isin(whole.labels, wanted))
        if len(kept):
            split = whole.name.rpartition(".")[2]
            sources[split] = _kept(whole, kept, f"{args.name}.{split}")
    total = sum(len(source) for source in sources.values())
    text = ",".join(known[label] for label in wanted)
    with Progress(total, "image", "writing") as bar:
        write_dataset(path, args.name, sources, f"labels {text} of {args.origin}", bar.update)


def _kept(source: ArraySource, rows: np.ndarray, name: str) -> ArraySource:
    labels = source.labels[rows]
    names = {int(label): source.label_names[int(label)] for label in np.unique(labels)}
    made = make_source(name, source.gather(rows), labels, names)
    return dataclasses.replace(made, counters=source.counters, pictures=source.pictures)
