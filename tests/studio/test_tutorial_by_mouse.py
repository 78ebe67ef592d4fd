"""The tutorial with the mouse alone: keys type names and numbers, and nothing else."""

from __future__ import annotations

import re

import pytest

from tests.studio.conftest import Page, environment_of
from tests.studio.hands import Mouse
from tests.studio.tutorial import ITERATIONS, LEAST_PERCENT, ONE, SEED, write_digits

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A folder of data sets of its own: what is made here no other test finds."""
    return environment_of(tmp_path_factory.mktemp("data"))


def test_the_tutorial_by_mouse(page: Page) -> None:
    hand = Mouse(page)
    write_digits(page.studio.folder / "mnist")
    _create_the_data_set(page, hand)
    _view_it(page, hand)
    _see_its_mean(page, hand)
    _make_a_project_from_a_template(page, hand)
    _edit_the_margin(page, hand)
    _train_and_watch(page, hand)
    _test_many(page, hand)
    _draw_a_digit_and_enroll_it(page, hand)
    assert page.problems() == []


def _create_the_data_set(page: Page, hand: Mouse) -> None:
    hand.click("nav a", "Data")
    hand.click("button", "mnist")
    hand.click("button[aria-label='Choose from']")
    hand.click("dialog button", "This folder")
    hand.click("dialog button", "mnist/")
    hand.click("dialog button", "Use this folder")
    hand.type("#create-mnist-name", "DIGITS")
    hand.click("label", "no check")
    page.until(lambda: "--name=DIGITS" in page.text, "the command line")
    hand.click("button", "Make it")
    hand.click("a", "Open DIGITS")


def _view_it(page: Page, hand: Mouse) -> None:
    page.sees("1,437 images of 1 x 28 x 28")
    before = page.find(".one h2").text
    hand.click(".roll img")
    page.until(lambda: page.find(".one h2").text != before, "the picture that was clicked")
    hand.double(".roll img")
    page.find("dialog h2", "image")
    hand.click("dialog button", "Close")


def _see_its_mean(page: Page, hand: Mouse) -> None:
    hand.right(".roll img")
    page.find("dialog h2", "Mean of all 1,437 images")
    hand.click("dialog button", "Close")


def _make_a_project_from_a_template(page: Page, hand: Mouse) -> None:
    hand.click("a", "New project with it")
    assert page.find("#name").get_attribute("value") == "digits"
    hand.click("button", "Make the project")


def _edit_the_margin(page: Page, hand: Mouse) -> None:
    hand.click("g.box", "ContrastiveLoss")
    hand.type("#f-contrastive_loss_param-margin", "1.5")
    hand.click("h2", "loss")
    page.until(lambda: "margin: 1.5" in _text(page), "the margin in the text")
    hand.click("button", "Save")
    page.sees("Saved")


def _train_and_watch(page: Page, hand: Mouse) -> None:
    hand.click("a", "Solver")
    hand.type("#seed", str(SEED))
    hand.type("#iterations", str(ITERATIONS))
    hand.click("button", "Train")
    page.find(".state", "running")
    page.until(lambda: "L" in (page.find("path.line.loss").get_attribute("d") or ""), "the curve")
    page.find(".state", "done")


def _test_many(page: Page, hand: Mouse) -> None:
    hand.click("a", "Test Many")
    page.find("h1", "Test Many")
    hand.click("button", "Test Many")
    accuracy = page.until(lambda: re.search(r"(\d+\.\d+) %", page.find(".figures").text))
    assert float(accuracy[1]) >= LEAST_PERCENT
    hand.click(".confusion button.wrong")
    page.find("#gallery", "taken for")


def _draw_a_digit_and_enroll_it(page: Page, hand: Mouse) -> None:
    hand.click("a", "Try")
    page.sees("items of DIGITS.testing")
    hand.draw("#pad", ONE)
    page.sees("Your picture lies at (")
    hand.type("#label", "stroke")
    hand.click("button", "Enroll")
    page.until(lambda: page.find(".answer").text == "stroke", "the enrolled class as the answer")


def _text(page: Page) -> str:
    return str(page.find("textarea.code").get_attribute("value"))
