"""The images of some labels of another data set, or of a list of its records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mycaffe_py.data.dataset_kind import DatasetKind, Made, register

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


@register
class Subset(DatasetKind):
    """Every split of a data set with some of its labels, or the listed records of one split.

    Labels keep numbers and names.
    """

    name = "subset"
    place = 12
    help = "the images of some labels of a dataset, or listed ones, labels as they are"
    examples = (
        "  mycaffe dataset create subset MNIST --labels 0,1,2,3,4 --name LOW\n"
        "  mycaffe dataset create subset PETS --labels cat,dog --name TWO\n"
        "  mycaffe dataset create subset MNIST.testing --records hard.txt --name HARD\n\n"
        "The same command goes on where one was interrupted.\n"
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which labels, or which records, of which data set."""
        from pathlib import Path

        parser.add_argument("origin", metavar="DATASET", help="with --records DATASET.SPLIT")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--labels", metavar="L,L", help="names or numbers of labels")
        which.add_argument(
            "--records", metavar="FILE", type=Path,
            help="a text file with numbers of images, from 0, between spaces or lines",
        )  # fmt: skip
        parser.add_argument("--name", metavar="NAME", required=True, help="of the new dataset")
        parser.add_argument("--force", action="store_true", help="replace a dataset of this name")

    def create(self, args: argparse.Namespace, path: Path) -> Made:
        """Errors: a data set that cannot be had, a label or a record that it does not have."""
        if args.records is not None:
            from mycaffe_py.data.record_subset import write_records

            write_records(path, args.name, args.origin, args.records)
            return Made()
        from mycaffe_py.data.label_subset import write_subset

        write_subset(path, args.name, args.origin, args.labels)
        return Made()
