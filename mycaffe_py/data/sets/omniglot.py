"""Omniglot from its usual folders or zips."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mycaffe_py.data.dataset_kind import DatasetKind, Made, register
from mycaffe_py.errors import UserError

if TYPE_CHECKING:
    import argparse

_SIZES = (8, 105)


@register
class Omniglot(DatasetKind):
    """Characters of 50 alphabets, drawn by hand, where a user has them."""

    name = "omniglot"
    place = 15
    help = "Omniglot: hand-drawn characters of 50 alphabets, from its usual files"
    examples = (
        "  mycaffe dataset create omniglot --from ~/omniglot/python\n"
        "  mycaffe dataset create omniglot --from ~/omniglot/python --size 105 --fit stretch"
        " --name LARGE\n\n"
        "The folder has images_background and images_evaluation, as folders or zips: they become\n"
        "the splits training and testing, a class for each character. Pictures are in MNIST's\n"
        "form (white on black, 28x28, centred by mass), so that nets of one read the other.\n"
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where its files are, and into which size they are brought."""
        add = parser.add_argument
        add("--from", metavar="FOLDER", dest="folder", type=Path, required=True, help="its files")
        add("--name", metavar="NAME", default="omniglot", help="default: omniglot")
        add("--size", metavar="PIXELS", type=int, default=28, help="of a side; default: 28")
        add(
            "--fit", choices=("ink", "stretch"), default="ink",
            help="by the ink as MNIST is, or the whole sheet; default: ink",
        )  # fmt: skip
        add("--force", action="store_true", help="replace a dataset of this name")

    def create(self, args: argparse.Namespace, path: Path) -> Made:
        """Read, and write. Errors: files that are not there or cannot be read."""
        from mycaffe_py.data.glyphs.omniglot import DESCRIPTION, make_sources
        from mycaffe_py.data.image_database.database import write_dataset

        least, most = _SIZES
        if not least <= args.size <= most:
            raise UserError(f"--size is {args.size}", wanted=f"{least} to {most} pixels")
        sources = make_sources(args.folder, args.name, args.size, args.fit)
        write_dataset(path, args.name, sources, DESCRIPTION)
        return Made()
