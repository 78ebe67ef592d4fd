"""`mycaffe trust`: the folders whose texts may run the code they name."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

NAME = "trust"
HELP = "Let the texts of a folder run the Python code they name, whatever command opens them."
EXAMPLES = """\
  mycaffe trust .                    this folder, and all below it
  mycaffe trust ~/experiments
  mycaffe trust --list
  mycaffe trust --remove ~/experiments
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A folder to trust, or what to do with those that are."""
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="show the folders that are trusted")
    what.add_argument("--remove", type=Path, metavar="FOLDER", help="trust a folder no longer")
    parser.add_argument("--json", action="store_true", help="for machines: the list")


def run(args: argparse.Namespace) -> int:
    """Add, remove or show."""
    from mycaffe_py.errors import UserError
    from mycaffe_py.solver.trust import (
        holds_home,
        trust,
        trusted_folders,
        untrust,
        written_by_others,
    )

    said = ""
    if (args.folder is not None) + args.list + (args.remove is not None) != 1:
        raise UserError(
            "no folder is named" if args.folder is None else "a folder stands beside an option",
            do="Write mycaffe trust FOLDER, --list, or --remove FOLDER.",
        )
    if args.remove is not None:
        said = f"{untrust(args.remove)} is trusted no longer"
    elif args.folder is not None:
        folder = trust(args.folder)
        said = f"{folder} is trusted: its texts, and those below it, may run the code they name"
        if written_by_others(folder):
            print(
                f"Warning: everybody on this machine may write in {folder}, and so have code run "
                "in your name.",
                file=sys.stderr,
            )
        if holds_home(folder):
            print(
                f"Warning: all your files lie below {folder}, those you download too.",
                file=sys.stderr,
            )
    folders = [str(folder) for folder in trusted_folders()]
    if args.json:
        print(json.dumps(folders))
    else:
        print(said or "\n".join(folders) or "no folder is trusted")
    return 0
