"""A net of telecom data by the pages alone: run, Test Many, map; windows of counters as lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from mycaffe_py.cli.main import main
from tests.conftest import SMALL_SIAMESE, train_small
from tests.studio.conftest import Page
from tests.studio.hands import Mouse

pytestmark = pytest.mark.slow
RUN = "snapshots/windows"


@pytest.fixture
def windows(page: Page, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Page:
    """The page of a run that learned from windows of counters."""
    monkeypatch.setenv("MYCAFFE_DATA", environment["MYCAFFE_DATA"])
    if not (Path(environment["MYCAFFE_DATA"]) / "telecom.sqlite").exists():
        assert main(["dataset", "create", "telecom", "--hours", "1"]) == 0
    text = SMALL_SIAMESE.replace("digits28", "telecom").replace("scale: 0.00390625", "")
    train_small(page.studio.folder, "windows", text, "test_iter: 1 test_interval: 150")
    page.open(f"/run/{RUN}")
    return page


def test_a_net_of_counters_is_tested_and_mapped(windows: Page) -> None:
    page, hand = windows, Mouse(windows)
    page.find(".state", "done")
    hand.click("a", "Test Many")
    page.find("h1", "Test Many")
    hand.click("button.primary", "Test Many")
    page.find(".figures", "telecom.testing")
    assert len(_lines(page, ".item-tiles li")) >= 2, "an item is drawn as lines"
    hand.click(".confusion button")
    page.find("#gallery", ":")
    hand.click("a", "Map")
    page.sees("items of telecom.testing")
    hand.click("button", "Choose all in view")
    page.find(".held .tile-button")
    hand.click(".held .tile-button")
    page.find("section.sheet", "Item")
    assert page.asked_hosts() <= {"127.0.0.1"}
    assert page.axe() == []
    assert page.problems() == []


def _lines(page: Page, css: str) -> list[object]:
    first = page.find(css)
    return list(first.find_elements(By.TAG_NAME, "polyline"))
