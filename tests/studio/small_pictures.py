"""The pictures of docs/studio.md, made small from those that test_pictures.py takes.

MYCAFFE_PICTURES=pictures pytest -n 0 tests/studio/test_pictures.py
python -m tests.studio.small_pictures pictures docs/studio
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

# What the text calls a picture, and what test_pictures.py calls it.
SMALL = {
    "home": "home_empty_1440_light",
    "model": "model_1440_dark",
    "mistake": "model_mistake_1440_light",
    "solver": "solver_1440_light",
    "data": "dataset_1440_dark",
    "run": "run_1440_light",
    "test_many": "test_many_1440_light",
    "map": "map_1440_dark",
    "try": "try_1440_light",
    "compare": "compare_1440_light",
    "designs": "designs_1440_light",
}
MOST_BYTES = 80_000
_WIDE, _HIGH = 1080, 810


def make_small(large: Path, small: Path) -> None:
    """The upper part of a picture as a WebP of less than MOST_BYTES."""
    with Image.open(large) as opened:
        picture = opened.convert("RGB")
    high = round(picture.height * _WIDE / picture.width)
    picture = picture.resize((_WIDE, high), Image.Resampling.LANCZOS)
    picture = picture.crop((0, 0, _WIDE, min(high, _HIGH)))
    for quality in range(88, 20, -8):
        picture.save(small, quality=quality, method=6)
        if small.stat().st_size < MOST_BYTES:
            return
    raise ValueError(f"{large.name} cannot be made smaller than {MOST_BYTES} bytes")


def main(pictures: str, folder: str) -> None:
    """Make all of them."""
    to = Path(folder)
    to.mkdir(parents=True, exist_ok=True)
    for name, large in SMALL.items():
        make_small(Path(pictures) / f"{large}.png", to / f"{name}.webp")
    print(f"{len(SMALL)} pictures in {to}: {sum(p.stat().st_size for p in to.iterdir())} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
