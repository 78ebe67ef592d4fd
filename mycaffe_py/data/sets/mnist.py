"""MNIST, and other sets in its four IDX files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mycaffe_py.data.dataset_kind import DatasetKind, Made, register
from mycaffe_py.errors import UserError

if TYPE_CHECKING:
    import argparse

    from mycaffe_py.data.source_head import SourceHead
    from mycaffe_py.errors import Where

_MNIST = "MNIST"


@register
class Mnist(DatasetKind):
    """Four IDX files, from a folder or from the mirrors of MNIST."""

    name = "mnist"
    place = 10
    known = (_MNIST,)
    certainly = False
    help = "MNIST, or a set of your own in its four files"
    examples = (
        "  mycaffe dataset create mnist\n"
        "  mycaffe dataset create mnist --from ~/mnist\n"
        "  mycaffe dataset create mnist --from ~/fashion --name FASHION --no-check\n"
        "  mycaffe dataset create mnist --channels 3 --name MNIST3\n"
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where the files are, and whether they must be MNIST's."""
        parser.add_argument(
            "--from", metavar="DIR", dest="folder", type=Path,
            help="folder of the four IDX files, gzipped or not; default: $MYCAFFE_MNIST, or "
            "download",
        )  # fmt: skip
        parser.add_argument("--name", metavar="NAME", default=_MNIST, help="default: MNIST")
        parser.add_argument(
            "--no-check", action="store_true",
            help="a set of your own: do not compare MNIST's checksums; needs --name",
        )  # fmt: skip
        parser.add_argument(
            "--channels", type=int, choices=(1, 3), default=1,
            help="3: the gray pictures in each of three channels; default: 1",
        )  # fmt: skip
        parser.add_argument("--force", action="store_true", help="replace a dataset of this name")

    def create(self, args: argparse.Namespace, path: Path) -> Made:
        """Errors: options that do not go together, files that are not there or not sound."""
        from mycaffe_py.data.digits import mnist

        if args.no_check and args.name == _MNIST:
            raise UserError(
                "--no-check without --name",
                wanted=f"'{_MNIST}' is kept for the real one",
                do="Give your set a name of its own.",
            )
        if args.folder is not None:
            check = not args.no_check
            mnist.create(path, args.folder, args.name, check=check, channels=args.channels)
        elif args.name != _MNIST and args.channels == 1:
            raise UserError("--name without --from", do="Name the folder of its four IDX files.")
        else:
            reason = mnist.create_if_possible(path, args.name, args.channels)
            if reason is not None:
                raise _missing(reason)
        return Made()

    def make_known(self, dataset: str, path: Path, where: Where | None) -> UserError | None:
        """Make MNIST; the error that says why it cannot be had."""
        from mycaffe_py.data.digits import mnist

        reason = mnist.create_if_possible(path)
        return None if reason is None else _missing(reason, where)

    def head_of_known(self, dataset: str, split: str, where: Where | None) -> SourceHead:
        """What is known of a split of MNIST. Errors: no such split."""
        from mycaffe_py.data.digits import mnist

        return mnist.head(split, where)

    def how_to_make(self, dataset: str) -> str:
        """The command that makes MNIST here."""
        from mycaffe_py.data.digits import mnist

        return mnist.how_to_make()


def _missing(reason: str, where: Where | None = None) -> UserError:
    from mycaffe_py.data.digits import mnist

    return UserError(f"MNIST could not be had: {reason}", where=where, do=mnist.HOW_TO_GET)
