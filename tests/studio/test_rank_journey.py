"""Designs by the page alone: a table of features, heads ranked on it, the best one refined."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import SMALL_SIAMESE
from tests.studio.conftest import Page, environment_of
from tests.studio.hands import Mouse

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A folder of data sets of its own: the table that is made here no other test finds."""
    return environment_of(tmp_path_factory.mktemp("data"))


def test_features_are_ranked_and_the_best_head_is_refined(
    page: Page, siamese_snapshot: Path
) -> None:
    shutil.copytree(siamese_snapshot.parent, page.studio.folder / "snapshots")
    (page.studio.folder / "small.prototxt").write_text(SMALL_SIAMESE)
    hand = Mouse(page)
    hand.click("nav a", "Designs")
    page.sees("Nothing is ranked here yet")
    page.sees("Make a table of features first.")
    hand.type("#table-name", "SMALL_FEAT")
    hand.click("button", "Make the table")
    page.find("section[aria-label='Tables of features'] td", "SMALL_FEAT.training")
    hand.type("#rank-seeds", "1")
    hand.type("#rank-iterations", "20")
    hand.click("button", "Rank")
    page.find("section[aria-label='Ranking ranking'] tbody tr", "cosine")
    hand.click("summary", "Refine")
    proposed = {
        name: page.find(f"#{name}-ranking").get_attribute("value")
        for name in ("base", "base_weights", "blob", "source")
    }
    assert proposed == {
        "base": "small.prototxt", "base_weights": "snapshots/small_iter_150.caffemodel",
        "blob": "feat", "source": "digits28.training",
    }  # fmt: skip
    hand.type("#iterations-ranking", "5")
    hand.click("button", "Refine")
    page.until(lambda: "Weights: refined" in page.find("pre.console").text, "what was refined")
    assert list((page.studio.folder / "refined").glob("*.caffemodel"))
    assert page.problems() == []
