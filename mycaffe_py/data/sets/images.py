"""Pictures that lie in a folder for each class."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from mycaffe_py.data.dataset_kind import DatasetKind, Made, register
from mycaffe_py.data.pictures.picture_arguments import add_picture_arguments, asked_of, size_of
from mycaffe_py.errors import UserError

# Of each class, in the command that is proposed.
_TEST_PERCENT = 20

if TYPE_CHECKING:
    import argparse

    from mycaffe_py.data.pictures.folder import FolderScan
    from mycaffe_py.data.pictures.folder_reading import FolderRead
    from mycaffe_py.data.pictures.how_to_read import HowToRead


@register
class ImagesInFolders(DatasetKind):
    """Pictures of any format that the imaging library opens, read alike."""

    name = "images"
    place = 11
    help = "pictures of any format, in a folder per class"
    examples = (
        "  mycaffe dataset create images pets --name PETS --size 32x32\n"
        "  mycaffe dataset create images scans --name SCANS --size 28x28 --gray"
        " --test-percent 20\n"
        "  mycaffe dataset create images letters --name LETTERS --size 28x28 --gray --fit ink\n"
        "  mycaffe dataset create images ct --name CT --size 64x64 --gray --range -1000:400\n\n"
        "How the pictures were read is kept with the data set, and pictures that a net is asked\n"
        "about later are read the same.\n\n"
        "  mycaffe dataset create images frames --name SIGNS --boxes signs.csv --size 32x32\n\n"
        "folders:\n"
        "  DIR/<class>/*                                     all for training\n"
        "  DIR/training/<class>/* and DIR/testing/<class>/*  with a test split, and the same with\n"
        "                                                    validation\n\n"
        "The same command goes on where one was interrupted.\n\n"
        "boxes: a CSV file with the columns path,x,y,w,h,label; path counts from DIR, the others\n"
        "are pixels from the upper left corner of the upright picture.\n"
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which folder, and how its pictures are read."""
        parser.add_argument("folder", metavar="DIR", type=Path)
        parser.add_argument("--name", metavar="NAME", required=True, help="of the new dataset")
        parser.add_argument("--size", metavar="WxH", help="resize to this; default: as they are")
        parser.add_argument("--gray", action="store_true", help="one channel instead of three")
        add_picture_arguments(
            parser, "default: stretch", "default: none; with --fit ink those with a light border"
        )
        parser.add_argument(
            "--test-percent", metavar="P", type=float, default=0.0,
            help="share of each class to set aside for testing; default: 0",
        )  # fmt: skip
        parser.add_argument(
            "--validation-percent", metavar="P", type=float, default=0.0,
            help="share of each class to measure with while a net learns; default: 0",
        )  # fmt: skip
        parser.add_argument(
            "--boxes", metavar="FILE.csv", type=Path,
            help="cut portions out of the pictures: columns path,x,y,w,h,label",
        )  # fmt: skip
        parser.add_argument(
            "--skip-unreadable", action="store_true",
            help="leave out files that cannot be read instead of stopping",
        )  # fmt: skip
        parser.add_argument(
            "--encoded", action="store_true",
            help="keep the files as they came, which takes less room, and decode them for each "
            "batch; default: keep their pixels",
        )  # fmt: skip
        parser.add_argument("--force", action="store_true", help="replace a dataset of this name")

    def create(self, args: argparse.Namespace, path: Path) -> Made:
        """Errors: no folders of classes, pictures that cannot be read or differ in size."""
        from mycaffe_py.data.image_database.database import commit
        from mycaffe_py.data.image_database.image_files import move
        from mycaffe_py.data.image_database.row_files import STARTED, writing
        from mycaffe_py.data.pictures.folder import scan_boxes, scan_folder
        from mycaffe_py.data.pictures.folder_reading import read_pictures
        from mycaffe_py.data.progress import Progress

        shares = (args.test_percent, args.validation_percent)
        if args.boxes is None:
            scan = scan_folder(args.folder, *shares)
        else:
            scan = scan_boxes(args.folder, args.boxes, *shares)
        how = _how(args, not scan.pictures.splits.any())
        with writing(path, wait_s=0) as folder:
            with Progress(len(scan.pictures), "image", "reading") as bar:
                read = read_pictures(scan, args.name, how, folder / STARTED, bar.update)
            stored = {
                split: move(read.data[split], folder, split, source)
                for split, source in read.sources.items()
            }
            description = f"images from {args.folder.absolute()}"
            commit(path, args.name, read.sources, stored, description)
        files = {source.name: read.files[split] for split, source in read.sources.items()}
        return Made(notes=_notes(scan, read), files=files)


def _how(args: argparse.Namespace, without_splits: bool) -> HowToRead:
    """What the options say. Errors: options that do not go together."""
    from mycaffe_py.data.pictures.how_to_read import HowToRead

    if args.encoded and args.boxes is not None:
        raise UserError(
            "--encoded and --boxes",
            wanted="pictures are kept whole as they came, or portions are cut out of them",
            do="Leave one of them out.",
        )
    return HowToRead(
        size=None if args.size is None else size_of(args.size, "--size"),
        gray=args.gray,
        asked=asked_of(args),
        skip_unreadable=args.skip_unreadable,
        command=_command(args, without_splits),
        encoded=args.encoded,
    )


def _command(args: argparse.Namespace, without_splits: bool) -> str:
    """The command that brings pictures of several sizes to one, with {size} in its place."""
    words = ["mycaffe dataset create images", shlex.quote(str(args.folder))]
    words += ["--name", shlex.quote(args.name), "--size {size}", f"--fit {args.fit or 'stretch'}"]
    if args.boxes is not None:
        words += ["--boxes", shlex.quote(str(args.boxes))]
    if args.span is not None:
        words.append(f"--range={shlex.quote(args.span)}")
    if args.invert is not None:
        words.append("--invert" if args.invert else "--no-invert")
    for option in ("gray", "skip_unreadable", "encoded"):
        words += [f"--{option.replace('_', '-')}"] if getattr(args, option) else []
    if args.validation_percent:
        words.append(f"--validation-percent {args.validation_percent:g}")
    # Pictures that are in folders of splits, or set aside, are as the user wants them.
    percent = args.test_percent or (_TEST_PERCENT if without_splits else 0)
    words += [f"--test-percent {percent:g}"] if percent else []
    words += ["--force"] if args.force else []
    return " ".join(words)


def _notes(scan: FolderScan, read: FolderRead) -> list[str]:
    """What else a user should know: how pictures were read, and which were left out."""
    notes = [*read.notes, *(f"skipped {file}: {reason}" for file, reason in read.unreadable)]
    if read.unreadable:
        notes.append(f"{len(read.unreadable)} unreadable pictures were skipped")
    if scan.passed_over:
        notes.append(f"left out, as no pictures by their names: {scan.passed_over}")
    return notes
