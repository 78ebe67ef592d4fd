"""Pictures of every page, in both grounds, wide and narrow; nothing is cut, hidden or too wide.

They are written into the folder that MYCAFFE_PICTURES names, for people to look at.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from math import cos, pi, sin
from pathlib import Path
from urllib.parse import quote

import pytest
from selenium.webdriver import ActionChains, Chrome

from tests.studio.conftest import Page, Served
from tests.studio.executed import note
from tests.studio.shot import faults_of_layout, shot
from tests.studio.worked_in import FAILED, RUN, SECOND, work_in

pytestmark = pytest.mark.slow
_TURNS = [2 * pi * step / 16 for step in range(17)]
_PAIR = f"run={quote(RUN)}&run={quote(SECOND)}"


def _draw(page: Page) -> None:
    """A nought on the pad, and the answer to it."""
    pad = page.find("#pad")
    round_about = [(round(60 * sin(turn)), round(-95 * cos(turn))) for turn in _TURNS]
    pen = ActionChains(page.driver, duration=10).move_to_element_with_offset(pad, *round_about[0])
    pen.click_and_hold()
    for x, y in round_about[1:]:
        pen.move_to_element_with_offset(pad, x, y)
    pen.release().perform()
    page.find(".ranking .first")
    page.find("[aria-label='Map'] canvas")


def _choose_item(page: Page) -> None:
    page.find("canvas.over").send_keys("j")
    page.find(".tiles button canvas")


def _show_keys(page: Page) -> None:
    page.find("body").send_keys("?")
    page.find("dialog")


# Name, address, what is there once the page is whole, what is done then.
PAGES: list[tuple[str, str, str, Callable[[Page], None] | None]] = [
    ("home", "/", "section[aria-label='Runs'] li", None),
    ("new", "/new", "main input", None),
    ("new_pictures", "/new/pictures", "main input", None),
    ("new_old", "/new/old", "h1", None),
    ("models", "/models", ".cards li", None),
    ("model", "/model/siamese_28x28.prototxt?layer=ip1", ".graph .box.chosen", None),
    ("model_mistake", "/model/mistake.prototxt", ".fault", None),
    ("solver", "/solver/siamese_28x28.solver", ".chart path[d*='L']", None),
    ("data", "/data", ".cards li", None),
    ("dataset", "/data/digits28.testing", ".roll img", None),
    ("dataset_colour", "/data/SHAPES.training", ".roll img", None),
    ("runs", "/runs", ".cards li", None),
    ("run", f"/run/{RUN}", "path.line.loss[d*='L']", None),
    ("run_failed", f"/run/{FAILED}", ".fault", None),
    ("test_many", f"/run/{RUN}/test", ".item-tiles .item-picture", None),
    ("map", f"/run/{RUN}/map", "canvas.over", _choose_item),
    ("try", f"/run/{RUN}/try", "#pad", _draw),
    ("compare", f"/compare?{_PAIR}", "section[aria-label='Maps'] canvas", None),
    ("designs", "/rank", "button.sorter", None),
    ("no_such_page", "/nothing", "h1", None),
    ("keys", "/runs", ".cards li", _show_keys),
]
EMPTY = [
    ("home_empty", "/", ".beginnings"), ("models_empty", "/models", "h1"),
    ("runs_empty", "/runs", "h1"), ("compare_empty", "/compare", "h1"),
    ("designs_empty", "/rank", "h1"),
]  # fmt: skip


@pytest.fixture
def environment(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """With data sets of its own: the pictures show all there are."""
    return {**environment, "MYCAFFE_DATA": str(tmp_path / "data")}


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures go."""
    folder = Path(os.environ.get("MYCAFFE_PICTURES") or tmp_path / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder; its path is seen on pictures: short, and of no particular machine."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as above:
        made = Path(above) / "digits"
        made.mkdir()
        yield made


@pytest.fixture
def open_page(driver: Chrome, serve: Callable[[Path], Served]) -> Iterator[Callable[[Path], Page]]:
    """Opens a window on a folder, which is left before the studio ends."""
    driver.get_log("browser")
    yield lambda folder: Page(driver, serve(folder))
    note(driver)
    driver.get("about:blank")
    driver.get_log("browser")


def test_every_page_of_a_folder_at_work_is_whole_wide_and_narrow(
    folder: Path, environment: dict[str, str], open_page: Callable[[Path], Page], pictures: Path
) -> None:
    work_in(folder, environment)
    page = open_page(folder)
    wrong = []
    for name, address, ready, act in PAGES:
        page.open(address)
        page.find(ready)
        if act:
            act(page)
        wrong += [f"{name} {found}" for found in [*shot(page, pictures, name), *page.problems()]]
    assert not wrong, "\n".join(wrong)


def test_every_page_of_an_empty_folder_is_whole_wide_and_narrow(
    folder: Path, open_page: Callable[[Path], Page], pictures: Path
) -> None:
    page = open_page(folder)
    wrong = []
    for name, address, ready in EMPTY:
        page.open(address)
        page.find(ready)
        wrong += [f"{name} {found}" for found in [*shot(page, pictures, name), *page.problems()]]
    assert not wrong, "\n".join(wrong)


def test_what_is_cut_too_wide_or_on_top_of_something_is_found(page: Page) -> None:
    page.find(".beginnings")  # what is added below would go when the page is made
    assert faults_of_layout(page) == []
    page.driver.execute_script("""
      const main = document.getElementById("main");
      const add = (tag, text, style) => {
        const made = document.createElement(tag);
        made.textContent = text;
        Object.assign(made.style, style);
        main.append(made);
      };
      add("p", "wide", {width: "3000px"});
      const cut = {width: "40px", overflow: "hidden", whiteSpace: "nowrap"};
      add("p", "this text is cut without a word", cut);
      add("button", "under", {position: "absolute", left: "300px", top: "400px"});
      add("button", "above", {position: "absolute", left: "310px", top: "405px"});
    """)
    found = "\n".join(faults_of_layout(page))
    for word in ("wider than", "is cut", "on top of"):
        assert word in found, found
