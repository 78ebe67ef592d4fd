"""A picture of a page at two widths and on two grounds, and what is wrong with its layout."""

from __future__ import annotations

import base64
from pathlib import Path

from tests.studio.conftest import Page

WIDTHS = (1440, 400)
GROUNDS = ("light", "dark")
_TALLEST = 4000
_GROUND = """
document.documentElement.dataset.ground = arguments[0];
document.dispatchEvent(new Event("ground"));
"""
# Two frames later everything that reacts to a new size or ground has done so.
_SETTLED = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))"
# What scrolls within the page is painted only once it was in the window.
_SEEN = """
const done = arguments[0], frame = () => new Promise(requestAnimationFrame);
(async () => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) {
    scrollTo(0, y);
    await frame();
  }
  scrollTo(0, 0);
  await frame();
  while ([...document.images].some((image) => !image.complete)) await frame();
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  await frame();
  await frame();
})().then(done);
"""
_FAULTS = (Path(__file__).parent / "faults_of_layout.js").read_text(encoding="utf-8")


def shot(page: Page, folder: Path, name: str) -> list[str]:
    """Four pictures of the whole page in `folder`; what is wrong with it at each width."""
    wrong = []
    for width in WIDTHS:
        resize(page, width)
        wrong += [f"at {width} px: {fault}" for fault in faults_of_layout(page)]
        # Taking a picture lays the page out anew, and images that this replaces come too late.
        take(page, width, 1)
        for ground in GROUNDS:
            page.driver.execute_script(_GROUND, ground)
            (folder / f"{name}_{width}_{ground}.png").write_bytes(take(page, width))
    page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    return wrong


def resize(page: Page, width: int, height: int = 900) -> None:
    """Let the window be as wide as this."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    page.driver.execute_async_script(_SETTLED)


def take(page: Page, width: int, tallest: int = _TALLEST) -> bytes:
    """The page from its top to its end, as a PNG."""
    page.driver.execute_async_script(_SEEN)
    high = int(page.driver.execute_script("return document.documentElement.scrollHeight"))
    clip = {"x": 0, "y": 0, "width": width, "height": min(high, tallest), "scale": 1}
    # Written with less compression: a picture takes two thirds of the time, and a third more bytes.
    asked = {"format": "png", "captureBeyondViewport": True, "clip": clip, "optimizeForSpeed": True}
    return base64.b64decode(page.driver.execute_cdp_cmd("Page.captureScreenshot", asked)["data"])


def faults_of_layout(page: Page) -> list[str]:
    """Whether it scrolls sideways, which texts are cut, which controls lie on top of others."""
    return list(page.driver.execute_script(_FAULTS))
