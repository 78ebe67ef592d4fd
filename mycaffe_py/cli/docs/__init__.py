"""`mycaffe docs`: the documentation, which travels with the package, in a browser."""

from __future__ import annotations

import argparse

NAME = "docs"
HELP = "Open the documentation in the browser; it is on this machine, nothing is fetched."
EXAMPLES = """\
  mycaffe docs                          its first page
  mycaffe docs caffe_files              your old Caffe files
  mycaffe docs reference/solver         the fields of solver texts
  mycaffe docs --no-browser             the path of the first page
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which page, and whether a browser is opened."""
    parser.add_argument("page", nargs="?", default="index", metavar="PAGE", help="another page")
    parser.add_argument(
        "--no-browser", action="store_true", help="print the path and open no browser"
    )


def run(args: argparse.Namespace) -> int:
    """Print where the page is, and open it."""
    import webbrowser
    from contextlib import suppress

    from mycaffe_py.cli.docs.site import page_of

    page = page_of(args.page)
    print(page)
    if not args.no_browser:
        with suppress(webbrowser.Error):
            webbrowser.open(page.as_uri())
    return 0
