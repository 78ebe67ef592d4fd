"""`mycaffe find`: the pictures of an index that are most like others."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mycaffe_py.cli.arguments import add_code_argument, file_to_write, png_to_write
from mycaffe_py.cli.unread import tell_unread

if TYPE_CHECKING:
    from mycaffe_py.retrieve.index.search import Asked

NAME = "find"
HELP = "Find the pictures (or windows) of an index that are most like others."
EXAMPLES = """\
  mycaffe find nine.png --index digits                 the 10 nearest, with distance and label
  mycaffe find MNIST.testing:17 --index digits -k 5    a record of a data set, from 0
  mycaffe find a.png b.png --index digits              asks twice
  mycaffe find --together a.png b.png --index digits   asks once, for what is like both
  mycaffe find page.png --box 40,60,28,28 --index digits --sheet found.png

'mycaffe index create' makes an index. Distances are squared, or 1 - cosine where it was made with
--cosine. All rows are compared, so nothing is missed; of equal distances the first row counts.
"""
_USUAL_K = 10
_STANDARD = Path("-")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is looked for, where, and how many are shown."""
    parser.add_argument("pictures", nargs="+", metavar="PICTURE", help="a file, or X.SPLIT:RECORD")
    parser.add_argument("--index", metavar="N", help="its name; without it the only one there is")
    parser.add_argument(
        "-k", type=int, default=_USUAL_K, metavar="K", help=f"how many at most ({_USUAL_K})"
    )
    parser.add_argument("--within", type=float, metavar="D", help="none beyond this distance")
    parser.add_argument(
        "--same-label-only", action="store_true",
        help="only rows with the label of the picture: that of its row or record, or its folder's",
    )  # fmt: skip
    parser.add_argument("--label", default="", metavar="L", help="only rows with this label")
    parser.add_argument(
        "--skip-itself", action="store_true", help="leave out the row that is the same file"
    )
    parser.add_argument(
        "--together", action="store_true", help="one question: the mean of all pictures"
    )
    parser.add_argument("--box", metavar="X,Y,W,H", help="look for this part, in pixels")
    parser.add_argument(
        "--snapshot", type=Path, metavar="FILE",
        help="where the snapshot of the index is now; without it where it was",
    )  # fmt: skip
    parser.add_argument("--sheet", type=png_to_write, metavar="PNG", help="write a picture of it")
    parser.add_argument(
        "--csv", type=file_to_write, metavar="FILE", help="write a table; - for standard output"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="cores to use; without it all")
    add_code_argument(parser)
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Look for each picture, print what is found, and tell which could not be read."""
    from mycaffe_py.engine.threads import set_threads

    set_threads(args.threads)
    from mycaffe_py.files.atomic import write_atomically
    from mycaffe_py.files.plain_json import dumps
    from mycaffe_py.retrieve.index.index import Index, usual_index
    from mycaffe_py.retrieve.index.index_net import embedder_of
    from mycaffe_py.retrieve.index.search import search

    asked = _asked(args)
    index = Index.open(args.index or usual_index())
    net = embedder_of(index.card_on_disk, args.snapshot, args.run_code, most=len(args.pictures))
    found = search(index, net, args.pictures, asked)
    if args.json:
        print(dumps(found.as_json()))
    elif args.csv == _STANDARD:
        print(found.as_csv(), end="")
    else:
        print("\n".join(found.lines()))
    if args.csv not in (None, _STANDARD):
        write_atomically(args.csv, found.as_csv().encode())
    if args.sheet is not None:
        from mycaffe_py.retrieve.index.found_sheet import draw_found

        draw_found(found, args.sheet)
    return tell_unread(found.unread)


def _asked(args: argparse.Namespace) -> Asked:
    from mycaffe_py.retrieve.index.queries import box_of
    from mycaffe_py.retrieve.index.search import Asked

    return Asked(
        k=args.k,
        within=args.within,
        label=args.label,
        same_label=args.same_label_only,
        together=args.together,
        skip_itself=args.skip_itself,
        box=None if args.box is None else box_of(args.box),
    )
