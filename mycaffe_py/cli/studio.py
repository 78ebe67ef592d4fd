"""`mycaffe studio`: see, edit, train and question a net in a browser."""

from __future__ import annotations

import argparse
from pathlib import Path

NAME = "studio"
HELP = "Open a folder in the browser: nets as text and graph, data, training, maps."
EXAMPLES = """\
  mycaffe studio                    the folder you are in
  mycaffe studio ~/nets --port 9000 --no-browser
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which folder, and where it is served."""
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path(), metavar="FOLDER",
        help="where texts, snapshots and runs are; without it the folder you are in",
    )  # fmt: skip
    parser.add_argument(
        "--port", type=_port, metavar="N", help="of this machine (8610, or a free one beside it)"
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="print the address and open no browser"
    )


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    from mycaffe_py.optional import optional

    for package in ("starlette", "uvicorn"):
        optional(package, "studio", "the studio")
    from mycaffe_py.studio.server import serve

    return serve(args.folder, args.port, browser=not args.no_browser)


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is no port; they go from 1 to 65535")
    return number
