"""`mycaffe dataset import | mean`, and export to LMDB: the files of Caffe."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.caffe_stores.label_names import named, read_label_names
from mycaffe_py.data.caffe_stores.store_copy import read_images, source_of_records, write_lmdb
from mycaffe_py.data.caffe_stores.stores import open_records
from mycaffe_py.data.contents import content_line
from mycaffe_py.data.dataset_kind import dataset_kinds
from mycaffe_py.data.dataset_lookup import is_built_in
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import add_split, write_dataset
from mycaffe_py.data.image_database.database_reading import read_splits
from mycaffe_py.data.plural import plural
from mycaffe_py.data.progress import Progress
from mycaffe_py.data.source import open_source
from mycaffe_py.data.transform.mean_file import running_mean, write_mean
from mycaffe_py.errors import UserError

# A picture has no more channels than that.
_FEW = 4


def import_records(args: argparse.Namespace) -> int:
    """Read an LMDB or LevelDB folder into a split of the dataset `args.name`."""
    if is_built_in(args.name):
        raise UserError(f"'{args.name}' is built in", do="Give the dataset another name.")
    if not args.split.isidentifier():
        raise UserError(f"--split is '{args.split}'", wanted="letters, digits and _, as in testing")
    path = dataset_path(args.name)
    there = path.exists()
    if there and args.split in read_splits(path) and not args.force:
        raise UserError(
            f"dataset '{args.name}' has a split '{args.split}' already: {path}",
            do="Pass --force to replace it, or --split with another name.",
        )
    names = read_label_names(args.names) if args.names is not None else {}
    walk = dataset_kinds.get(args.kind).records(args.folder)
    with Progress(walk.count, "image", "reading") as bar:
        source = source_of_records(walk, f"{args.name}.{args.split}", args.bgr, bar.update)
    source = named(source, names, args.names) if args.names is not None else source
    with Progress(len(source), "image", "writing") as bar:
        if there:
            add_split(path, args.split, source, bar.update)
        else:
            sources = {args.split: source}
            write_dataset(path, args.name, sources, source.description, bar.update)
    print(content_line(source))
    print(f"in {path}")
    return 0


def export_lmdb(sources: list[ArraySource], folder: Path, bgr: bool) -> int:
    """Write an LMDB folder of one source, or one below `folder` for each split of a dataset."""
    for source in sources:
        split = source.name.rpartition(".")[2]
        target = folder / split if len(sources) > 1 else folder
        with Progress(len(source), "image", split) as bar:
            write_lmdb(source, target, bgr, bar.update)
        print(f"{source.name}: {len(source)} {plural(len(source), source.word)} in {target}")
    return 0


def mean(args: argparse.Namespace) -> int:
    """Write the mean image of a source, or of an LMDB or LevelDB folder."""
    folder = Path(args.name)
    if folder.is_dir():
        walk = open_records(folder)
        images = (image for image, _ in read_images(walk, bgr=True))
        found = running_mean(Progress(walk.count, "image").over(images))
    else:
        found = open_source(args.name).mean()
    write_mean(args.file, found)
    what = "mean image" if len(found) <= _FEW else "mean"
    print(f"{args.name}: {what} {found.shape} in {args.file}, {_in_short(found)}")
    return 0


def _in_short(mean: NDArray[np.float32]) -> str:
    """The mean of each channel (C, H, W); of the many channels of a table their range."""
    channels = mean.mean(axis=(1, 2))
    if len(channels) <= _FEW:
        values = ", ".join(f"{value:.6g}" for value in channels.tolist())
        return f"mean of each channel {values}"
    return f"{len(channels):,} channels from {channels.min():.6g} to {channels.max():.6g}"
