"""The command that adds an extra to this very installation, wherever it came from."""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

_NAME = "mycaffe-py"
_SOURCES = Path(__file__).resolve().parents[1]


def install_extra(extra: str) -> str:
    """A command line that installs the packages of `extra` beside the mycaffe that runs.

    From where it was installed, as pip notes it (direct_url.json); else the packages by name.
    """
    try:
        installed = distribution(_NAME)
    except PackageNotFoundError:
        return f"{_pip()} '{_SOURCES}[{extra}]'"
    place = _place(installed)
    if place:
        return f"{_pip()} {place[0]}'{place[1]}[{extra}]'"
    marker = re.compile(rf"""extra\s*==\s*['"]{re.escape(extra)}['"]""")
    wanted = [line for line in installed.requires or () if marker.search(line) and _here(line)]
    return f"{_pip()} {' '.join(repr(line.partition(';')[0].strip()) for line in wanted)}"


def _here(line: str) -> bool:
    """Whether a requirement is for the Python that runs, where it is for some of them only."""
    told = re.search(r"""python_version\s*(<|>=)\s*['"]3\.(\d+)['"]""", line)
    return told is None or (sys.version_info.minor >= int(told[2])) == (told[1] == ">=")


def _place(installed: Distribution) -> tuple[str, Path] | None:
    """(option, path) of the folder or wheel it was installed from, where that is still there."""
    try:
        told = json.loads(installed.read_text("direct_url.json") or "{}")
        url = urlsplit(told["url"])
    except (ValueError, KeyError, TypeError):
        return None
    path = Path(unquote(url.path))
    if url.scheme != "file" or not path.exists():
        return None
    return ("-e " if told.get("dir_info", {}).get("editable") else ""), path


def _pip() -> str:
    """pip of the python that runs, which need not be the one called pip; uv's where it has none."""
    python = Path(sys.executable)
    if python.is_relative_to(Path.cwd()):
        python = python.relative_to(Path.cwd())
    if find_spec("pip") is None:
        return f"uv pip install --python {python}"
    return f"{python} -m pip install"
