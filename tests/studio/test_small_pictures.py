"""The pictures of the texts: there, small, and all of them used."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.studio.small_pictures import MOST_BYTES, SMALL, make_small
from tests.studio.test_pictures import EMPTY, PAGES

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def test_every_picture_of_the_walk_is_there_and_small() -> None:
    walk = (ROOT / "docs" / "studio.md").read_text(encoding="utf-8")
    named = set(re.findall(r"!\[[^]]+\]\(studio/(\w+)\.webp\)", walk))
    files = {path.stem: path.stat().st_size for path in (ROOT / "docs" / "studio").iterdir()}
    assert named == set(files) == set(SMALL)
    assert max(files.values()) < MOST_BYTES
    assert sum(files.values()) < 1_000_000


def test_every_small_picture_has_a_large_one() -> None:
    taken = {row[0] for row in [*PAGES, *EMPTY]}
    assert {re.sub(r"_(1440|400)_(light|dark)$", "", name) for name in SMALL.values()} <= taken


def test_a_picture_becomes_small(tmp_path: Path) -> None:
    chance = np.random.default_rng(1).integers(0, 256, (10, 16, 3), np.uint8)
    large = Image.fromarray(chance).resize((1440, 900), Image.Resampling.NEAREST)
    large.save(tmp_path / "a.png")
    make_small(tmp_path / "a.png", tmp_path / "a.webp")
    assert (tmp_path / "a.webp").stat().st_size < MOST_BYTES
    with Image.open(tmp_path / "a.webp") as small:
        assert small.width == 1080
