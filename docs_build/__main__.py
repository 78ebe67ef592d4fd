"""Builds the site that `mycaffe docs` opens: `python -m docs_build`, in the top folder of a clone.

It goes to mycaffe_py/site, or to the folder that is named, and takes the place of what was there.
What a wheel is to carry is built before the wheel. Any warning ends it.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

ROOT = Path(__file__).parents[1]


def main(arguments: list[str]) -> int:
    """Build it, and return the exit code."""
    out = Path(arguments[0]) if arguments else ROOT / "mycaffe_py" / "site"
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    try:
        build(load_config(str(ROOT / "mkdocs.yml"), site_dir=str(out.resolve())))
    except Abort as error:
        print(error, file=sys.stderr)
        return 1
    pages = sum(1 for _ in out.rglob("*.html"))
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    print(f"{pages} pages, {size / 1e6:.1f} MB, in {out}")
    return 0


sys.exit(main(sys.argv[1:]))
