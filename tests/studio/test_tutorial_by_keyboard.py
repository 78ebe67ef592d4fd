"""The tutorial with the keyboard alone: Tab, arrows, Enter, Space, and the keys that `?` lists."""

from __future__ import annotations

import re

import pytest
from selenium.webdriver.common.keys import Keys

from tests.studio.conftest import Page, environment_of
from tests.studio.hands import Keyboard
from tests.studio.tutorial import ITERATIONS, LEAST_PERCENT, SEED, write_digits

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A folder of data sets of its own: what is made here no other test finds."""
    return environment_of(tmp_path_factory.mktemp("data"))


def test_the_tutorial_by_keyboard(page: Page) -> None:
    keys = Keyboard(page)
    write_digits(page.studio.folder / "mnist")
    page.find("h1")
    _find_the_keys(page, keys)
    _create_the_data_set(page, keys)
    _view_it(page, keys)
    _see_its_mean(page, keys)
    _make_a_project_from_a_template(page, keys)
    _edit_the_margin(page, keys)
    _train_and_watch(page, keys)
    _test_many(page, keys)
    _draw_a_digit_and_enroll_it(page, keys)
    assert page.problems() == []


def _find_the_keys(page: Page, keys: Keyboard) -> None:
    """`?` lists them, and the focus is where it was when the list is closed."""
    page.until(lambda: keys.focus["id"] == "main", "the page")
    keys.to("Siamese digits", "button")
    keys.press("?")
    page.find("dialog", "Data")
    keys.press(Keys.ESCAPE)
    page.until(lambda: "Siamese digits" in keys.focus["name"], "the focus where it was")


def _create_the_data_set(page: Page, keys: Keyboard) -> None:
    keys.press("g", "d")
    page.find("h2", "Make a data set")
    keys.act("mnist", "button")
    keys.act("Choose from", "button")
    page.find("dialog li", "This folder")
    keys.act("This folder", "button")
    page.find("dialog li", "mnist/")
    keys.act("mnist/", "button")
    page.find("dialog li", "idx3-ubyte")
    keys.act("Use this folder", "button")
    page.until(lambda: "Choose" in keys.focus["name"], "the focus where it was")
    keys.type("name", "DIGITS")
    keys.to("no check")
    keys.press(" ")
    page.until(lambda: "--name=DIGITS" in page.text, "the command line")
    keys.act("Make it")
    page.find("a", "Open DIGITS")
    keys.act("Open DIGITS", "a")


def _view_it(page: Page, keys: Keyboard) -> None:
    page.sees("1,437 images of 1 x 28 x 28")
    keys.to("All images")
    before = page.find(".one h2").text
    keys.press(Keys.ARROW_RIGHT, Keys.ARROW_DOWN)
    page.until(lambda: page.find(".one h2").text != before, "another picture")
    keys.press(Keys.ENTER)
    page.find("dialog h2", "image")
    keys.press(Keys.ESCAPE)
    page.until(lambda: "All images" in keys.focus["name"], "the focus where it was")


def _see_its_mean(page: Page, keys: Keyboard) -> None:
    keys.press("m")
    page.find("dialog h2", "Mean of all 1,437 images")
    keys.press(Keys.ESCAPE)


def _make_a_project_from_a_template(page: Page, keys: Keyboard) -> None:
    keys.to("New project with it", "a")
    keys.press(Keys.ENTER)
    page.until(lambda: keys.focus["id"] == "name", "the form")
    keys.to("Model", "select")
    keys.press("siamese_28x28")
    assert page.find("#model").get_attribute("value") == "siamese_28x28"
    keys.act("Make the project")


def _edit_the_margin(page: Page, keys: Keyboard) -> None:
    """In the text this time: to its line by the arrow keys."""
    page.find("g.box", "ContrastiveLoss")
    keys.to("Text of digits.prototxt")
    keys.chord(Keys.CONTROL, Keys.HOME)
    lines = _text(page).split("\n")
    (at,) = [i for i, line in enumerate(lines) if line.strip().startswith("margin:")]
    keys.press(Keys.ARROW_DOWN * at, Keys.END)
    before = lines[at]
    keys.press(Keys.BACKSPACE * (len(before) - before.index(":") - 1), " 1.5")
    page.until(lambda: "margin: 1.5" in _text(page), "the margin in the text")
    _skip_the_bar(page, keys)
    assert "margin: 1.5" in _text(page), "a link to a place on the page keeps what was typed"
    keys.chord(Keys.CONTROL, "s")
    page.sees("Saved")
    assert "margin: 1.5" in (page.studio.folder / "digits.prototxt").read_text()


def _skip_the_bar(page: Page, keys: Keyboard) -> None:
    keys.to("Skip to the page", "a", back=True)
    keys.press(Keys.ENTER)
    page.until(lambda: keys.focus["id"] == "main", "the page below the bar")


def _train_and_watch(page: Page, keys: Keyboard) -> None:
    keys.to("Solver", "a")
    keys.press(Keys.ENTER)
    page.sees("iterations of one batch")
    keys.type("Seed", str(SEED))
    keys.type("Iterations", str(ITERATIONS))
    keys.chord(Keys.CONTROL, Keys.ENTER)
    page.find(".state", "running")
    page.until(lambda: "L" in (page.find("path.line.loss").get_attribute("d") or ""), "the curve")
    page.find(".state", "done")


def _test_many(page: Page, keys: Keyboard) -> None:
    keys.act("Test Many", "a")
    page.sees("Nothing has been measured")
    keys.act("Test Many", "button")
    accuracy = page.until(lambda: re.search(r"(\d+\.\d+) %", page.find(".figures").text))
    assert float(accuracy[1]) >= LEAST_PERCENT
    keys.to("recognised", "button")
    keys.press(Keys.ARROW_DOWN, Keys.ENTER)
    page.find("#gallery", ":")


def _draw_a_digit_and_enroll_it(page: Page, keys: Keyboard) -> None:
    keys.to("Try", "a", back=True)
    keys.press(Keys.ENTER)
    page.sees("items of DIGITS.testing")
    page.sees("By keys: arrows move the pen, Space puts it down")
    keys.to("Drawing pad")
    keys.press(Keys.ARROW_UP * 12, " ", Keys.ARROW_DOWN * 24, " ")
    page.sees("Your picture lies at (")
    keys.type("Name of the class", "stroke")
    keys.press(Keys.ENTER)
    page.until(lambda: page.find(".answer").text == "stroke", "the enrolled class as the answer")


def _text(page: Page) -> str:
    return str(page.find("textarea.code").get_attribute("value"))
