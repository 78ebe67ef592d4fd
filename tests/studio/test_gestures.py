"""Hands on a map, as the browser sends them: drag, wheel, pinch, pointing, keys; and its marks."""

from __future__ import annotations

import math
from typing import Any

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.actions.wheel_input import ScrollOrigin
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.studio.conftest import Page

pytestmark = pytest.mark.slow
# Four corners and the middle: "a" thrice, "b" twice.
SQUARE = [[-1, -1], [1, -1], [1, 1], [-1, 1], [0, 0]]
MAKE = """
const [rows, done] = arguments, heard = window.heard = [];
import("/static/scene.js").then(({scene}) => {
  const told = (kind) => (...values) => heard.push([kind, ...values]);
  const map = scene({name: "trial", about: "top",
    on: {pick: told("pick"), hover: told("hover"), lasso: told("lasso")}});
  map.element.style.height = "400px";
  document.getElementById("main").replaceChildren(map.element);
  window.trial = map;
  const classes = [{label: 0, name: "a", colour: "#03b382", marker: "o"},
    {label: 1, name: "b", colour: "#d0435b", marker: "s"}];
  setTimeout(() => {
    map.show({points: Float32Array.from(rows.flat()), width: rows[0].length, classes,
      labels: [0, 1, 0, 1, 0].slice(0, rows.length), wrong: [1], unknown: [2],
      centroids: {labels: [1], points: Float32Array.from(rows[4])},
      enrolled: [{name: "new", points: Float32Array.from(rows[3])}]});
    requestAnimationFrame(() => requestAnimationFrame(done));
  }, 60);
});
"""
INK = """
const [x, y, reach, within] = arguments, over = trial.over, ratio = window.devicePixelRatio || 1;
trial.drawNow();
const edge = Math.round(2 * reach * ratio);
const pen = over.getContext("2d"), [left, top] = [x - reach, y - reach].map((at) => at * ratio);
const {data} = pen.getImageData(left, top, edge, edge);
let found = 0;
for (let i = 0; i < data.length; i += 4) {
  const far = Math.hypot((i / 4) % edge - edge / 2, Math.floor(i / 4 / edge) - edge / 2) / ratio;
  if (data[i + 3] > 30 && (within ? far < within : true)) found += 1;
}
return found;
"""


def _map(page: Page, rows: list[list[float]]) -> WebElement:
    page.until(lambda: page.driver.execute_script("return window.trial") or "no net" in page.text)
    page.driver.execute_async_script(MAKE, rows)
    return page.find("canvas.over")


def _places(page: Page) -> list[tuple[float, float]]:
    page.driver.execute_script("trial.drawNow()")
    found = page.driver.execute_script("return [0, 1, 2, 3, 4].map((i) => trial.placeOf(i))")
    return [(x, y) for x, y in found]


def _moved(page: Page, before: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(x - a, y - b) for (x, y), (a, b) in zip(_places(page), before, strict=True)]


def _drag(page: Page, over: WebElement, by: tuple[int, int], *, shift: bool = False) -> None:
    hand = ActionChains(page.driver, duration=10)
    if shift:
        hand.key_down(Keys.SHIFT)
    hand.move_to_element_with_offset(over, -100, 30).click_and_hold().move_by_offset(*by).release()
    (hand.key_up(Keys.SHIFT) if shift else hand).perform()


def _space() -> list[list[float]]:
    return [[*row, height] for row, height in zip(SQUARE, (0.5, -0.5, 0.2, 0.1, 0), strict=True)]


def test_a_drag_moves_a_flat_map_as_far_as_the_hand(page: Page) -> None:
    over = _map(page, SQUARE)
    before = _places(page)
    _drag(page, over, (50, -20))
    assert _moved(page, before) == [pytest.approx((50, -20), abs=1)] * 5
    ActionChains(page.driver).double_click(over).perform()
    assert _moved(page, before) == [pytest.approx((0, 0), abs=0.01)] * 5


def test_a_drag_turns_a_map_in_space_and_moves_it_with_shift(page: Page) -> None:
    over = _map(page, _space())
    before = _places(page)
    _drag(page, over, (60, 0))
    moved = _moved(page, before)
    assert max(math.hypot(*one) for one in moved[:4]) > 10
    # The middle of the points is what it turns around.
    assert moved[4] == pytest.approx((0, 0), abs=1)
    before = _places(page)
    _drag(page, over, (40, 10), shift=True)
    assert _moved(page, before) == [pytest.approx((40, 10), abs=1)] * 5


def test_the_wheel_enlarges_around_the_cursor(page: Page) -> None:
    over = _map(page, SQUARE)
    before = _places(page)
    wide, high = over.size["width"], over.size["height"]
    corner = before[2]
    at = ScrollOrigin.from_element(over, int(corner[0] - wide / 2), int(corner[1] - high / 2))
    ActionChains(page.driver).scroll_from_origin(at, 0, -300).perform()
    page.until(lambda: _moved(page, before)[4] != (0, 0), "another size")
    after = _places(page)
    assert after[2] == pytest.approx(corner, abs=1.5)
    grown = math.dist(after[0], after[2]) / math.dist(before[0], before[2])
    assert grown == pytest.approx(math.exp(300 * 0.0016), rel=0.02)


def test_two_fingers_enlarge_around_the_place_between_them(page: Page) -> None:
    over = _map(page, SQUARE)
    before = _places(page)
    box = page.driver.execute_script(
        "const b = arguments[0].getBoundingClientRect(); return [b.x + b.width / 2, b.y + 200]",
        over,
    )

    def touch(kind: str, apart: float) -> None:
        points = [
            {"x": box[0] + side * apart / 2, "y": box[1], "id": number}
            for number, side in enumerate((-1, 1))
        ]
        page.driver.execute_cdp_cmd(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [] if kind == "touchEnd" else points},
        )

    touch("touchStart", 60)
    for apart in (80, 100, 120):
        touch("touchMove", apart)
    touch("touchEnd", 0)
    after = _places(page)
    grown = math.dist(after[0], after[2]) / math.dist(before[0], before[2])
    assert grown == pytest.approx(2, rel=0.05)
    assert after[4] == pytest.approx(before[4], abs=3)


def test_keys_move_turn_and_enlarge(page: Page) -> None:
    over = _map(page, SQUARE)
    before = _places(page)
    over.send_keys(Keys.ARROW_RIGHT)
    assert _moved(page, before) == [pytest.approx((-40, 0))] * 5
    over.send_keys(Keys.ARROW_LEFT, "+")
    after = _places(page)
    assert math.dist(after[0], after[2]) == pytest.approx(1.25 * math.dist(before[0], before[2]))
    over.send_keys("-", Keys.ARROW_UP, "0")
    assert _moved(page, before) == [pytest.approx((0, 0), abs=0.01)] * 5
    over = _map(page, _space())
    before = _places(page)
    over.send_keys(Keys.ARROW_UP)
    moved = _moved(page, before)
    assert moved[0] != pytest.approx(moved[2], abs=1)


def test_what_is_pointed_at_is_told_and_what_is_clicked_is_picked(page: Page) -> None:
    over = _map(page, SQUARE)
    spot = _places(page)[1]
    wide, high = over.size["width"], over.size["height"]
    offset = int(spot[0] - wide / 2) + 3, int(spot[1] - high / 2) - 2
    ActionChains(page.driver).move_to_element_with_offset(over, *offset).click().perform()
    heard: list[list[Any]] = page.driver.execute_script("return heard")
    assert [1] in [one[1:2] for one in heard if one[0] == "hover"]
    assert ["pick", 1] in heard
    ActionChains(page.driver).move_to_element_with_offset(over, 60, 40).click().perform()
    assert page.driver.execute_script("return heard.at(-1)") == ["pick", -1]


def test_wrong_unknown_and_enrolled_items_have_marks_of_their_own(page: Page) -> None:
    _map(page, SQUARE)
    places = _places(page)

    def ink(item: int, within: float = 0) -> int:
        found = page.driver.execute_script(INK, *places[item], 24, within)
        return int(found)

    # The example that was enrolled has rings and its name; a plain item nothing.
    assert ink(0) == 0
    assert ink(3, 9) > 40
    for item, mark in ((1, "wrong"), (2, "unknown")):
        assert ink(item) == 0
        page.driver.execute_script("trial.mark({[arguments[0]]: true})", mark)
        ringed = ink(item)
        assert ringed > 20, mark
        # Rings of wrong ones are whole, those of unknown ones dashed.
        if mark == "wrong":
            whole = ringed
        else:
            assert ringed < whole
    page.driver.execute_script("trial.mark({hidden: new Set([1])})")
    assert ink(1) == 0
    assert ink(4, 11) == 0


FLY = """
const done = arguments[0];
import("/static/flight.js").then(({flightMap}) => {
  const bytes = new Uint8Array(Float32Array.from([0, 0, 4, 4]).buffer);
  const points = btoa(String.fromCharCode(...bytes));
  const flight = window.trial = flightMap({points, width: 2, labels: [0, 0], told: "two",
    source: "SET", classes: [{label: 0, name: "a", colour: "#03b382", marker: "o"}],
    enrolled: []}, "picture");
  document.getElementById("main").replaceChildren(flight.element);
  setTimeout(() => { flight.fly([2, 2]); done(); }, 100);
});
"""
# The colour of the point that flies: it lies in the middle.
OWN = """
const canvas = document.querySelector("#main canvas"), {width, height} = canvas;
return [...canvas.getContext("2d").getImageData(width / 2, height / 2, 1, 1).data];
"""


def test_a_picture_of_what_is_unknown_has_another_colour_and_says_so(page: Page) -> None:
    page.sees("There is no net in this folder yet")
    page.driver.execute_async_script(FLY)
    known = page.driver.execute_script(OWN)
    assert page.find(".legend").text.endswith("your picture")
    page.driver.execute_script("trial.fly([2, 2], true)")
    page.find(".legend li", "your picture (unknown)")
    page.until(lambda: page.driver.execute_script(OWN) != known, "another colour")
    page.driver.execute_script("trial.fly([2, 2])")
    page.until(lambda: page.find(".legend").text.endswith("your picture"), "the usual name")


def test_a_line_joins_the_two_items_of_a_hard_pair(page: Page) -> None:
    _map(page, SQUARE)
    places = _places(page)
    (x, y), (a, b) = places[0], places[1]
    middle = (x + a) / 2, (y + b) / 2
    assert page.driver.execute_script(INK, *middle, 3, 0) == 0
    page.driver.execute_script(
        "trial.mark({pairs: {chosen: {ends: [0, 1], words: '0.5'}, every: [{ends: [2, 3]}]}})"
    )
    assert page.driver.execute_script(INK, *middle, 3, 0) > 5
    (x, y), (a, b) = places[2], places[3]
    assert page.driver.execute_script(INK, (x + a) / 2, (y + b) / 2, 3, 0) > 0
