"""The report of `mycaffe plot`: the map that a snapshot has learned, as one picture."""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.evaluate.film.colours import DARK, LIGHT
from mycaffe_py.evaluate.film.find import show_of_snapshot
from mycaffe_py.evaluate.film.picture import Picture, write_png
from mycaffe_py.snapshot.names import MAP
from mycaffe_py.trained.snapshot import Snapshot


def draw_map(snapshot: Snapshot, path: Path | None = None, dark: bool = False) -> Path:
    """Write the PNG `path` (None: PREFIX_iter_N.map.png beside the snapshot) and return it."""
    picture = Picture(show_of_snapshot(snapshot), DARK if dark else LIGHT)
    written = path or snapshot.files.with_ending(MAP)
    write_png(picture, written)
    return written
