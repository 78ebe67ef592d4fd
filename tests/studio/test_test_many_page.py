"""The page Test Many in a browser: measured, looked through, bounded, by mouse and by keys."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from mycaffe_py.files.plain_json import dumps
from tests.studio.conftest import Page

pytestmark = pytest.mark.slow
SHOTS = os.environ.get("STUDIO_PICTURES")


@pytest.fixture
def trained(page: Page, siamese_snapshot: Path) -> str:
    """A run in the studio's folder."""
    for path in siamese_snapshot.parent.glob("small*"):
        if path.is_file() and ".answers." not in path.name and ".threshold." not in path.name:
            shutil.copy(path, page.studio.folder)
    return "small"


def test_a_snapshot_is_tested_and_its_mistakes_are_seen(page: Page, trained: str) -> None:
    page.open(f"/run/{trained}/test")
    page.sees("Nothing has been measured on this snapshot yet.")
    page.click("button.primary", "Test Many")
    page.until(lambda: "answers kept in" in page.find("pre.console").text, "the command's words")
    page.find(".figures", "%")
    words = page.find("pre.console").text
    accuracy = page.find(".figures .figure").text
    assert f"{accuracy} of {page.find('.figures div:nth-child(2) .figure').text} items" in words
    page.find(".item-tiles .item-picture")
    # By keys alone: from number to number of the matrix, and into one of them.
    cell = page.find(".confusion button[tabindex='0']")
    cell.send_keys(Keys.ARROW_DOWN)
    cell = page.driver.switch_to.active_element
    label = cell.get_attribute("aria-label") or ""
    cell.send_keys(Keys.ENTER)
    page.find("#gallery", label.partition(":")[0])
    assert page.find("#gallery").text.startswith(label)
    page.click("button", "Find hard pairs")
    page.sees("are nearer than the margin")
    page.sees("1 of the 60 hardest")
    page.driver.find_element(By.TAG_NAME, "h1").click()
    body = page.driver.find_element(By.TAG_NAME, "body")
    body.send_keys("j")
    page.sees("2 of the 60 hardest")
    body.send_keys("k")
    page.sees("1 of the 60 hardest")
    page.click("button", "Same class, far apart")
    names = [one.text for one in page.driver.find_elements(By.CSS_SELECTOR, ".hard-pair strong")]
    assert names[0] == names[1]
    _is_clean(page, "test_many")


def test_known_and_unknown_part_at_a_distance(page: Page, trained: str) -> None:
    page.open(f"/run/{trained}/test")
    page.sees("No threshold is kept beside this snapshot")
    page.click("button", "Find the threshold")
    page.sees("Where known and unknown part")
    kept = json.loads((page.studio.folder / "small_iter_150.threshold.json").read_text())
    rate = kept["false_alarms"]["rate"]
    figures = page.find(".figures", "threshold").text
    assert f"{100 * rate:.2f} %" in figures
    assert f"{kept['false_alarms']['count']} of {kept['false_alarms']['n']}" in figures
    words = f"{100 * rate:.2f} % of {kept['false_alarms']['n']} known items called unknown"
    assert words in page.find("output").text
    slider = page.find("#distance")
    before = page.find("output").text
    slider.send_keys(Keys.ARROW_LEFT * 3)
    page.until(lambda: page.find("output").text != before, "another distance")
    _is_clean(page, "threshold")


def test_a_command_that_fails_says_why(page: Page, trained: str) -> None:
    page.open(f"/run/{trained}/test")
    page.find("#source").send_keys("NOWHERE.testing")
    page.click("button.primary", "Test Many")
    page.find(".fault", "test-many failed")
    page.until(lambda: "NOWHERE" in page.find("pre.console").text, "the reason")


def test_a_run_that_is_called_test_has_its_own_page(page: Page) -> None:
    diary = page.studio.folder / "first" / "test.events.jsonl"
    diary.parent.mkdir()
    diary.write_text(dumps({"kind": "begin", "iteration": 0}) + "\n")
    page.open("/run/first/test")
    page.find("h1", "first/test")


def _is_clean(page: Page, name: str) -> None:
    """Nothing came from elsewhere, nothing went wrong, everybody can read it, on both grounds."""
    assert page.asked_hosts() <= {"127.0.0.1"}
    assert page.axe() == []
    _keep(page, f"{name}.light")
    page.click("button", "Light / dark")
    assert page.axe() == []
    _keep(page, f"{name}.dark")
    page.click("button", "Light / dark")
    assert page.problems() == []


def _keep(page: Page, name: str) -> None:
    """A picture of the whole page, where a folder for pictures is named."""
    if not SHOTS:
        return
    for width in (1440, 400):
        page.driver.set_window_size(width, 900)
        high = page.driver.execute_script("return document.documentElement.scrollHeight")
        page.driver.set_window_size(width, min(int(high) + 150, 4000))
        page.driver.save_screenshot(f"{SHOTS}/{name}.{width}.png")
    page.driver.set_window_size(1440, 900)
