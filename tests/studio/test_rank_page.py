"""The designs page in a browser: results that are sorted by a press on a column."""

from __future__ import annotations

import json

import pytest

from tests.studio.conftest import Page

pytestmark = pytest.mark.slow
_ROW: dict[str, object] = {
    "baseline": False,
    "accuracy_sd": None,
    "auc": 0.9,
    "eer": 0.1,
    "recall_at_1": 0.9,
    "runs": 1,
    "pairs": 100,
    "queries": 10,
    "setting": {},
    "weights": "",
    "failed": [],
}


def test_designs_are_sorted_by_a_press_on_a_column(page: Page) -> None:
    rows = [
        {**_ROW, "rank": 1, "name": "cosine", "accuracy_mean": 0.9, "parameters": 50, "seconds": 2},
        {**_ROW, "rank": 2, "name": "<img src=x>", "accuracy_mean": None, "parameters": 9},
    ]
    (page.studio.folder / "ranking").mkdir()
    told = {"features": "T.training", "split_by": "item", "designs": rows}
    (page.studio.folder / "ranking" / "rank.json").write_text(json.dumps(told))
    page.click("header nav a", "Designs")
    table = "section[aria-label='Ranking ranking'] tbody tr"
    page.find(table, "90.00 %")
    page.click("button.sorter", "parameters")
    page.click("button.sorter", "parameters")
    page.until(lambda: "<img src=x>" in page.find(table).text, "the smallest first")
    assert page.driver.find_elements("css selector", "main img") == []
    assert page.asked_hosts() <= {"127.0.0.1"}
    assert page.axe() == []
    page.click("button", "Light / dark")
    assert page.axe() == []
    assert page.problems() == []
