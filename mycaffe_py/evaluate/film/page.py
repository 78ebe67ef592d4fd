"""A film as one HTML page that needs nothing else: to play, to turn, to look closely."""

from __future__ import annotations

import base64
import dataclasses
import html
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.evaluate.film.show import Show
from mycaffe_py.files.atomic import write_atomically


def write_page(show: Show, records: tuple[int, ...], path: Path, *, dark: bool | None) -> None:
    """Write the page; `records` (M,) are the items' numbers, `dark` None is as the reader likes.

    It holds all points of all frames in full precision, and loads nothing.
    """
    folder = files("mycaffe_py.evaluate.film")
    text = (folder / "page.html").read_text(encoding="utf-8")
    parts = {
        "@TITLE@": html.escape(show.title),
        "@SCRIPT@": (folder / "page.js").read_text(encoding="utf-8"),
        "@DATA@": page_data(show, records, dark),
    }
    marks = re.compile("|".join(parts))
    write_atomically(path, marks.sub(lambda found: parts[found[0]], text).encode())


def page_data(show: Show, records: tuple[int, ...], dark: bool | None) -> str:
    """What the page's script reads: JSON, arrays of floats as base64 of little-endian float32."""
    data: dict[str, Any] = {
        "title": show.title,
        "warning": show.warning,
        "caption": show.caption,
        "iterations": show.iterations.tolist(),
        "classes": [{**dataclasses.asdict(c), "ink": c.ink} for c in show.classes],
        "column": show.column.tolist(),
        "records": records,
        "axes": show.space.axes,
        "lower": show.lower.tolist(),
        "upper": show.upper.tolist(),
        "step": show.step,
        "points": _base64(show.space.points),
        "centroids": _base64(show.space.centroids),
        "loss": dataclasses.asdict(show.loss),
        "dark": dark,
    }
    # A name with </script> in it must not end the script.
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _base64(rows: NDArray[np.float32]) -> str:
    return base64.b64encode(np.ascontiguousarray(rows, "<f4").tobytes()).decode()
