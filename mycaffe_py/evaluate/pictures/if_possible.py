"""A picture that goes with a result which counts without it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from mycaffe_py.errors import MyCaffeError


def drawn_if_possible(draw: Callable[[], Path]) -> Path | None:
    """The file that `draw` writes. Where it cannot (no matplotlib), that is told: None."""
    try:
        return draw()
    except MyCaffeError as error:
        print(f"No picture: {error}", file=sys.stderr)
        return None
