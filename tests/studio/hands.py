"""A user who has a mouse alone, and one who has keys alone.

Both know only what the page shows: words on buttons, labels of fields. Neither clicks by a script.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.wheel_input import ScrollOrigin
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.studio.conftest import Page

# More stops than these between two things that belong together nobody presses Tab for.
MOST_STOPS = 150
_MOST_TURNS = 60
# Whether the middle of an element can be pointed at; if not, where the wheel brings it, how far.
_SEEN = """
const [element] = arguments, box = element.getBoundingClientRect();
const x = box.left + box.width / 2, y = box.top + box.height / 2;
const top = document.elementFromPoint(x, y);
if (top && (element === top || element.contains(top))) return null;
const within = (v, least, most) => Math.round(Math.min(Math.max(v, least), most));
for (let one = element.parentElement; one; one = one.parentElement) {
  const room = one.getBoundingClientRect(), way = getComputedStyle(one).overflowY;
  const turns = one.scrollHeight > one.clientHeight && /auto|scroll/.test(way);
  if (!turns || (y > room.top && y < room.bottom)) continue;
  return [within(room.left + room.width / 2, 1, innerWidth - 1),
    within((Math.max(room.top, 0) + Math.min(room.bottom, innerHeight)) / 2, 1, innerHeight - 1),
    Math.round(y - (room.top + room.bottom) / 2)];
}
return [2, Math.round(innerHeight / 2), Math.round(y - innerHeight / 2) || 40];
"""
_FOCUS = """
const e = document.activeElement, style = getComputedStyle(e);
const inner = e.querySelector?.('rect');
const box = e.getBoundingClientRect();
return {name: (e.getAttribute('aria-label') || (e.labels && e.labels[0]?.innerText)
    || e.innerText || e.textContent || '').trim(), tag: e.tagName.toLowerCase(), id: e.id,
  ring: style.outlineStyle !== 'none' || Boolean(inner), wide: box.width, high: box.height};
"""


class Mouse:
    """Points, clicks, drags, turns the wheel; types only into what it has clicked."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def click(self, css: str, text: str = "") -> None:
        """One click on what the page shows."""
        self._over(css, text).click().perform()

    def double(self, css: str, text: str = "") -> None:
        """Two quick clicks."""
        self._over(css, text).double_click().perform()

    def right(self, css: str, text: str = "") -> None:
        """The right button."""
        self._over(css, text).context_click().perform()

    def type(self, css: str, words: str) -> None:
        """Click three times into a field, so that all of it is chosen, and type instead of it."""
        hand = self._over(css)
        hand.click().click().click().perform()
        ActionChains(self.page.driver).send_keys(words).perform()

    def draw(self, css: str, points: Iterable[tuple[float, float]]) -> None:
        """A stroke through `points`, which are shares of the element's sides."""
        area = self._over(css)
        area.perform()
        box = self.page.find(css).rect
        places = [
            (int((x - 0.5) * box["width"]), int((y - 0.5) * box["height"])) for x, y in points
        ]
        hand = ActionChains(self.page.driver, duration=15)
        element = self.page.find(css)
        hand.move_to_element_with_offset(element, *places[0]).click_and_hold()
        for place in places[1:]:
            hand.move_to_element_with_offset(element, *place)
        hand.release().perform()

    def _over(self, css: str, text: str = "") -> ActionChains:
        """The pointer over the middle of it, which the wheel brings into sight."""
        element: WebElement | None = None

        def brought() -> bool:
            nonlocal element
            element = self.page.find(css, text)
            for _ in range(_MOST_TURNS):
                turn = self.page.driver.execute_script(_SEEN, element)
                if turn is None:
                    return True
                x, y, by = turn
                origin = ScrollOrigin.from_viewport(x, y)
                ActionChains(self.page.driver).scroll_from_origin(origin, 0, by).perform()
                time.sleep(0.03)
            return False

        self.page.until(brought, f"'{css}' with '{text}' below the pointer")
        return ActionChains(self.page.driver).move_to_element(element)


class Keyboard:
    """Goes by Tab, presses Enter and Space, types."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """Press keys where the focus is."""
        ActionChains(self.page.driver).send_keys(*keys).perform()

    def chord(self, held: str, key: str) -> None:
        """Press `key` while `held` is down."""
        ActionChains(self.page.driver).key_down(held).send_keys(key).key_up(held).perform()

    @property
    def focus(self) -> dict[str, Any]:
        """What has the focus: name, tag, id, whether one sees that it has."""
        found: dict[str, Any] = self.page.driver.execute_script(_FOCUS)
        return found

    def to(self, name: str, tag: str = "", back: bool = False) -> None:
        """Go by Tab to what is called so; every stop on the way must be seen."""
        seen: list[str] = []
        for _ in range(MOST_STOPS):
            self.chord(Keys.SHIFT, Keys.TAB) if back else self.press(Keys.TAB)
            here = self.focus
            seen.append(f"{here['tag']} '{here['name'][:40]}'")
            if here["tag"] == "body":
                continue
            assert here["ring"], f"nobody sees that {seen[-1]} has the focus"
            assert here["wide"] and here["high"], f"{seen[-1]} has the focus and no place"
            if name in here["name"] and tag in ("", here["tag"]):
                return
        raise AssertionError(f"Tab does not come to '{name}', it comes to {', '.join(seen)}")

    def act(self, name: str, tag: str = "") -> None:
        """Go to a button or link and press it."""
        self.to(name, tag)
        self.press(Keys.ENTER)

    def type(self, name: str, words: str) -> None:
        """Go to a field and type instead of what is in it."""
        self.to(name)
        self.chord(Keys.CONTROL, "a")
        self.press(words)
