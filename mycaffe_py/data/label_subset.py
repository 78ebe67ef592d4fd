"""A data set made of the images of some labels of another one."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.gathered_source import part_of
from mycaffe_py.data.image_database.begun_copy import write_copied
from mycaffe_py.data.image_database.encoded_source import EncodedSource
from mycaffe_py.data.label_choice import chosen_labels, told
from mycaffe_py.data.label_match import class_names
from mycaffe_py.data.progress import Progress
from mycaffe_py.data.source import open_source, splits_of
from mycaffe_py.errors import UserError


def write_subset(path: Path, name: str, origin: str, labels: str) -> None:
    """Write the data set file `path`: every split of `origin` with `labels` ("cat,dog") only.

    Labels keep their numbers and names, images their order. A split with none of them is left out.
    Errors: a data set that cannot be had, a label that it does not have.
    """
    # Opening a source creates what can be created, so that the splits are there to be listed.
    first = open_source(f"{origin}.training")
    names = [f"{origin}.{split}" for split in splits_of(origin)]
    wholes = [first if whole == first.name else open_source(whole) for whole in names]
    known = {label: text for whole in wholes for label, text in class_names(whole).items()}
    wanted = sorted(chosen_labels("--labels", labels, known, origin))
    missing = [label for label in wanted if label not in known]
    if missing:
        raise UserError(
            f"'{origin}' has no label {', '.join(map(str, missing))}",
            wanted=f"its labels are {told(known)}",
        )
    kept = [(whole, np.flatnonzero(np.isin(whole.labels, wanted))) for whole in wholes]
    text = ",".join(known[label] for label in wanted)
    write_kept(path, name, [one for one in kept if len(one[1])], f"labels {text} of {origin}")


def write_kept(
    path: Path, name: str, kept: Sequence[tuple[ArraySource, NDArray[np.int64]]], description: str
) -> None:
    """Write the data set file `path`: of each source the images at some records (n,), ascending.

    The same call goes on where one was interrupted, unless the images are others now.
    """
    asked = hashlib.sha256()
    sources = {}
    for whole, records in kept:
        split = whole.name.rpartition(".")[2]
        asked.update(f"{split} {whole.checksum} {len(records)} ".encode())
        asked.update(records.astype("<i8").data)
        sources[split] = _kept_images(whole, records, f"{name}.{split}")
    total = sum(len(records) for _, records in kept)
    with Progress(total, "image", "writing") as bar:
        write_copied(path, name, sources, asked.hexdigest(), description, bar.update)


def _kept_images(source: ArraySource, records: NDArray[np.int64], name: str) -> ArraySource:
    """The images at `records` (n,) as a source, not copied; checksum and mean are of the whole."""
    labels = source.labels[records]
    names = {int(label): source.label_names[int(label)] for label in np.unique(labels)}
    kept: ArraySource = part_of(source, records)
    if isinstance(source, EncodedSource):
        kept = source.only(records)
    return dataclasses.replace(kept, name=name, labels=labels, label_names=names, description="")
