"""Every text, run and data set can be opened by its link, whatever it is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.studio.conftest import Page

pytestmark = pytest.mark.slow
NAMES = (
    "a#b", "what?run=other", "100%", "%41", "with space", "gr\u00fc\u00dfe/\u00e4 \u00f6",
    "deep/try", "deep/test", "deep/map", "try", "a&b=c+d", "semi;colon", "50%/try",
)  # fmt: skip
_LIFE = [
    {"kind": "begin", "iteration": 0, "max_iter": 7, "pid": 1, "start": "", "host": "elsewhere"},
    {"kind": "display", "iteration": 7, "loss": 0.25},
    {"kind": "end", "iteration": 7, "outcome": "done"},
]
_NET = 'layer { name: "ip" type: "InnerProduct" bottom: "d" top: "ip" }\n'


def diary(folder: Path, name: str) -> None:
    """The diary of a run that has ended, without snapshots."""
    path = folder / f"{name}.events.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(event)}\n" for event in _LIFE), encoding="utf-8")


def _heading(page: Page, words: str) -> None:
    page.until(lambda: page.find("h1").text == words, f"the heading {words!r}")


def test_every_run_opens_by_its_link(page: Page) -> None:
    for name in NAMES:
        diary(page.studio.folder, name)
    page.open("/runs")
    for name in NAMES:
        page.until(lambda name=name: _link(page, name), f"the link of {name!r}").click()
        _heading(page, name)
        page.click("header nav a", "Runs")
    assert page.problems() == []


@pytest.mark.parametrize("name", ["a#b?c=%41", "deep/try", "deep/map"])
def test_the_views_of_a_run_open_whatever_it_is_called(page: Page, name: str) -> None:
    diary(page.studio.folder, name)
    diary(page.studio.folder, "deep")
    page.open("/runs")
    page.until(lambda: _link(page, name), f"the link of {name!r}").click()
    _heading(page, name)
    page.driver.refresh()
    _heading(page, name)
    for view, words in (("Test Many", "Test Many"), ("Map", "Map of"), ("Try", "Try")):
        page.click("a.button", view)
        _heading(page, f"{words} {name}")
        page.driver.back()
        _heading(page, name)


def test_every_text_opens_by_its_link(page: Page) -> None:
    for name in NAMES:
        path = page.studio.folder / f"{name}.prototxt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_NET, encoding="utf-8")
    page.open("/models")
    for name in NAMES:
        page.until(lambda name=name: _link(page, f"{name}.prototxt"), name).click()
        page.until(lambda: page.find("textarea").get_attribute("value") == _NET, name)
        assert page.driver.title.startswith(f"{name}.prototxt")
        page.click("header nav a", "Models")


def test_an_address_that_is_none_is_told(page: Page) -> None:
    for path in ("/run/50%", "/run/%ff", "/nowhere"):
        page.open(path)
        _heading(page, "No such page")


def test_the_printed_key_works_in_front_of_every_address(page: Page) -> None:
    diary(page.studio.folder, "a#b")
    page.driver.delete_all_cookies()
    page.open(f"/run/a%23b?token={page.studio.token}")
    _heading(page, "a#b")
    assert page.driver.current_url == f"{page.studio.base}/run/a%23b"


def _link(page: Page, name: str) -> object:
    links = page.driver.find_elements("css selector", "main li a")
    return next((one for one in links if one.text == name), None)
