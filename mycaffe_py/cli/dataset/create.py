"""Floor 8. `mycaffe dataset create`: MNIST, images from folders, windows of counters."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mycaffe_py.cli.dataset import windows
from mycaffe_py.cli.dataset.subset import create_subset
from mycaffe_py.cli.picture_arguments import asked_of, size_of
from mycaffe_py.data import builtin, mnist
from mycaffe_py.data.contents import content_line
from mycaffe_py.data.database import write_dataset
from mycaffe_py.data.database_reading import read_source, read_splits
from mycaffe_py.data.doubles import Files, double_lines
from mycaffe_py.data.folder import read_folder, scan_folder
from mycaffe_py.data.place import dataset_path
from mycaffe_py.data.progress import Progress
from mycaffe_py.errors import UserError


def create(args: argparse.Namespace) -> int:
    """Create the dataset `args.name`."""
    path = _new_path(args.name, args.force)
    files: Files = {}
    if args.kind == "mnist":
        _create_mnist(args, path)
    elif args.kind == "images":
        files = _create_images(args, path)
    elif args.kind == "subset":
        create_subset(args, path)
    elif args.kind == "telecom":
        windows.create_telecom(args, path)
    else:
        windows.create_csv(args, path)
    sources = [read_source(path, args.name, split) for split in read_splits(path)]
    for source in sources:
        print(content_line(source))
    for line in double_lines(sources, files):
        print(line)
    print(f"in {path}")
    return 0


def _new_path(name: str, force: bool) -> Path:
    if name in builtin.NAMES:
        raise UserError(f"'{name}' is built in", do="Give the new dataset another name.")
    path = dataset_path(name)
    if path.exists() and not force:
        raise UserError(
            f"dataset '{name}' is there already: {path}", do="Pass --force to replace it."
        )
    return path


def _create_mnist(args: argparse.Namespace, path: Path) -> None:
    if args.no_check and args.name == mnist.DATASET:
        raise UserError(
            "--no-check without --name",
            wanted=f"'{mnist.DATASET}' is kept for the real one",
            do="Give your set a name of its own.",
        )
    if args.folder is not None:
        mnist.create(path, args.folder, args.name, check=not args.no_check)
    elif args.name != mnist.DATASET:
        raise UserError("--name without --from", do="Name the folder of its four IDX files.")
    else:
        reason = mnist.create_if_possible(path)
        if reason is not None:
            raise UserError(f"MNIST could not be had: {reason}", do=mnist.HOW_TO_GET)


def _create_images(args: argparse.Namespace, path: Path) -> Files:
    """Returns the files that were read."""
    scan = scan_folder(args.folder, args.test_percent)
    with Progress(len(scan.pictures), "image", "reading") as bar:
        read = read_folder(
            scan,
            args.name,
            size=None if args.size is None else size_of(args.size, "--size"),
            gray=args.gray,
            skip_unreadable=args.skip_unreadable,
            progress=bar.update,
            asked=asked_of(args),
        )
    total = sum(len(source) for source in read.sources.values())
    with Progress(total, "image", "writing") as bar:
        description = f"images from {args.folder.absolute()}"
        write_dataset(path, args.name, read.sources, description, bar.update)
    for note in read.notes:
        print(note, file=sys.stderr)
    for file, reason in read.unreadable:
        print(f"skipped {file}: {reason}", file=sys.stderr)
    if read.unreadable:
        print(f"{len(read.unreadable)} unreadable pictures were skipped", file=sys.stderr)
    if scan.passed_over:
        print(f"{scan.passed_over} files are no pictures by their names", file=sys.stderr)
    return {source.name: read.files[split] for split, source in read.sources.items()}
