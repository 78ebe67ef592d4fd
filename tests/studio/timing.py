"""Times of pages as the browser takes them: for the tests, with a margin, and for the benchmark."""

from __future__ import annotations

import base64
from typing import Any

from tests.studio.conftest import Page

_THERE = """
const there = () => {
  const found = [...document.querySelectorAll(".roll img")];
  return found.length && found.every((image) => image.complete && image.naturalWidth);
};
const wait = (yes, then) => (yes() ? then() : requestAnimationFrame(() => wait(yes, then)));
"""
# Time is counted from the beginning of the navigation.
_FIRST_SCREEN = _THERE + "wait(there, () => arguments[0](performance.now()));"
_JUMP = (
    _THERE
    + """
const [place, done] = arguments, begun = performance.now();
const jump = document.getElementById("jump");
jump.value = place;
jump.dispatchEvent(new Event("change"));
// A sheet tells what it holds: "images 320 to 639".
const holds = () => [...document.querySelectorAll(".roll img")].some((image) => {
  const [first, last] = image.alt.match(/\\d+/g).map(Number);
  return first <= place && place <= last;
});
wait(() => holds() && there(), () => done(performance.now() - begun));
"""
)
_SCROLL = """
const [seconds, step, done] = arguments, roll = document.querySelector(".roll");
performance.clearResourceTimings();
performance.setResourceTimingBufferSize(5000);
const begun = performance.now();
let frames = 0, most = 0;
const move = () => {
  frames += 1;
  most = Math.max(most, document.images.length);
  roll.scrollTop += step;
  if (performance.now() - begun < 1000 * seconds) return requestAnimationFrame(move);
  const asked = performance.getEntriesByType("resource").filter((one) => /\\/sheet/.test(one.name));
  done({frames_per_s: frames / seconds, images: most, sheets: asked.length, end: roll.scrollTop});
};
requestAnimationFrame(move);
"""
_ASK = """
const [run, data, done] = arguments, took = [];
const body = JSON.stringify({do: "ask", run, data, name: "drawing.png", map: true});
const headers = {"Content-Type": "application/json"};
(async () => {
  for (let i = 0; i < 30; i++) {
    const begun = performance.now();
    await (await fetch("/api/ask", {method: "POST", headers, body})).json();
    took.push(performance.now() - begun);
  }
  done(took.sort((a, b) => a - b));
})();
"""
_READY = """
const done = arguments[0];
const look = () => (document.querySelector(".ranking") ? done(performance.now())
  : requestAnimationFrame(look));
look();
"""
# As a hand on the arrow keys, once for each picture of the screen.
_TURN = """
const [seconds, done] = arguments, over = document.querySelector("canvas.over");
const begun = performance.now();
let frames = 0;
const turn = () => {
  frames += 1;
  over.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight"}));
  if (performance.now() - begun < 1000 * seconds) requestAnimationFrame(turn);
  else done(frames / seconds);
};
requestAnimationFrame(turn);
"""


def first_screen_ms(page: Page, source: str) -> float:
    """From the address to all pictures of the first screen of a data set."""
    page.open(f"/data/{source}")
    return float(page.driver.execute_async_script(_FIRST_SCREEN))


def jump_ms(page: Page, place: int) -> float:
    """From a number to the pictures around it."""
    return float(page.driver.execute_async_script(_JUMP, place))


def scrolled(page: Page, seconds: float, step_px: int = 40) -> dict[str, Any]:
    """frames_per_s, the most `images` at once and the `sheets` asked for, while it rolls down."""
    found: dict[str, Any] = page.driver.execute_async_script(_SCROLL, seconds, step_px)
    return found


def asked_ms(page: Page, run: str, picture: bytes) -> list[float]:
    """30 round trips of a picture to the net of a run, the shortest first."""
    data = base64.b64encode(picture).decode()
    return [float(one) for one in page.driver.execute_async_script(_ASK, run, data)]


def ready_ms(page: Page, run: str) -> float:
    """From the address of the try page to a net that is open and answers."""
    page.open(f"/run/{run}/try")
    return float(page.driver.execute_async_script(_READY))


def turned_per_s(page: Page, seconds: float) -> float:
    """Pictures of the map in a second while it is turned."""
    return float(page.driver.execute_async_script(_TURN, seconds))
