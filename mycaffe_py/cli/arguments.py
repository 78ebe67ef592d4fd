"""Options that several commands have in common, and how their values are read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from mycaffe_py.cli.log_flags import add_log_arguments
from mycaffe_py.cli.run_length import add_length_arguments
from mycaffe_py.errors import UserError
from mycaffe_py.files.atomic import check_writable

# Fields of the solver text with options of their own.
_FIELDS = (
    ("--shards", "shards", "N", "work on each batch in N equal parts, maybe on several processes"),
    ("--keep-best", "keep_best", "NAME", "keep the snapshot of the best test by this TEST output"),
    ("--patience", "patience", "N", "stop after so many tests in a row without a better figure"),
)


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """What train and resume have in common."""
    add_length_arguments(parser)
    parser.add_argument(
        "--threads", type=int, metavar="N", help="cores to use; the result is the same"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="solver.FIELD=VALUE",
        dest="overrides",
        help="change a field of the solver text, or of the model with net.FIELD=VALUE",
    )
    for option, field, value, what in _FIELDS:
        parser.add_argument(
            option, dest="overrides", action="append", metavar=value,
            type=f"solver.{field}={{}}".format, help=what,
        )  # fmt: skip
    add_log_arguments(parser)
    parser.add_argument(
        "--film", nargs="?", type=int, const=-1, metavar="EVERY",
        help="keep a film of how the map forms for 'mycaffe film': a frame early on, then every so "
        "many iterations (about 100 frames; 0: none)",
    )  # fmt: skip
    for name, effect in (("sigint", "stop"), ("sighup", "snapshot")):
        parser.add_argument(
            f"--{name}_effect", choices=("stop", "snapshot", "none"), default=effect,
            help=f"what {name.upper()} does ({effect})",
        )  # fmt: skip


def add_state_arguments(parser: argparse.ArgumentParser) -> None:
    """Caffe's flags for the layers of a net that are there; and its --gpu, which does nothing."""
    parser.add_argument("--level", type=int, default=0, metavar="N", help="of the net's state (0)")
    parser.add_argument(
        "--stage", default="", metavar="NAME[,NAME]", help="of the net's state, besides the text's"
    )
    parser.add_argument("--gpu", metavar="ID", help="taken and passed over: all runs on the CPU")


def stages(args: argparse.Namespace) -> tuple[str, ...]:
    """The stages of --stage; says that --gpu does nothing."""
    if args.gpu is not None:
        print(f"--gpu {args.gpu} is passed over: all runs on the CPU", file=sys.stderr)
    return tuple(name.strip() for name in args.stage.split(",") if name.strip())


def add_code_argument(parser: argparse.ArgumentParser) -> None:
    """`--run-code`."""
    parser.add_argument(
        "--run-code", action="store_true",
        help="run what the text names of Python layers and python_source_param ('mycaffe trust' "
        "says so for a folder, once)",
    )  # fmt: skip


def file_to_write(word: str) -> Path:
    """Type of an option that names a file, or `-` for standard output.

    As all types for what is written: told at once if it cannot be, before work that takes long.
    """
    path = Path(word)
    if path.is_dir():
        raise UserError(f"'{path}' is a folder", wanted="the name of a file to write")
    if word != "-":
        check_writable(path)
    return path


def png_to_write(word: str) -> Path:
    """Type of an option that names a picture, which is written as PNG whatever it is called."""
    if not word.lower().endswith(".png"):
        raise argparse.ArgumentTypeError(f"a PNG is written, not '{word}'; it ends with .png")
    return file_to_write(word)


def folder_to_write(word: str) -> Path:
    """Type of an option that names a folder, there or not, for files that are called later."""
    path = Path(word)
    check_writable(path / "file")
    return path


def place_to_write(word: str) -> Path:
    """Type of an option that names a folder where there is one of this name, else a file."""
    return folder_to_write(word) if Path(word).is_dir() else file_to_write(word)


def meant_instead(word: str, options: Iterable[str]) -> str:
    """A question about a word that a command does not take, among its `options`; '' for none.

    Commands that ask a run know its weights, and the model too, by its snapshot.
    """
    known = set(options)
    if "--snapshot" in known and word.partition("=")[0] in ("--weights", "--model"):
        return "Did you mean '--snapshot'? "
    if "--snapshot" in known and word.endswith((".caffemodel", ".solverstate")):
        return f"Did you mean '--snapshot {word}'? "
    near = get_close_matches(word.partition("=")[0], known, n=1, cutoff=0.75)
    return f"Did you mean '{near[0]}'? " if near else ""
