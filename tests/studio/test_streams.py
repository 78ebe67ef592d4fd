"""Many windows on one studio, and windows on a studio that is gone."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.studio.conftest import Page, Served

pytestmark = pytest.mark.slow
RUN = "one"
TABS = 8


def tell(folder: Path, *events: dict[str, object]) -> None:
    """Write events into the run's diary, as a training does."""
    with (folder / f"{RUN}.events.jsonl").open("a") as file:
        for event in events:
            file.write(f"{json.dumps(event)}\n")


def begin(folder: Path) -> None:
    """A run of another machine, which counts as one that trains."""
    begun = {"kind": "begin", "iteration": 0, "max_iter": 100, "pid": 1, "start": "", "host": "x"}
    tell(folder, begun)


def display(iteration: int) -> dict[str, object]:
    """What is told every few iterations."""
    return {"kind": "display", "iteration": iteration, "loss": 1 / iteration}


def test_eight_windows_show_a_run_live_and_the_first_goes_on_when_shown(page: Page) -> None:
    begin(page.studio.folder)
    driver = page.driver
    first = driver.current_window_handle
    tabs = []
    try:
        for number in range(1, TABS + 1):
            if number > 1:
                driver.switch_to.new_window("tab")
                tabs.append(driver.current_window_handle)
            page.open(f"/run/{RUN}")
            tell(page.studio.folder, display(number))
            page.until(
                lambda n=number: f"{n} of 100" in page.find(".figures").text, f"tab {number}"
            )
        driver.switch_to.window(first)
        tell(page.studio.folder, display(50))
        page.until(lambda: "50 of 100" in page.find(".figures").text, "the first tab again")
        for tab in tabs:
            driver.switch_to.window(tab)
            page.until(lambda: "50 of 100" in page.find(".figures").text, "each tab again")
    finally:
        for tab in tabs:
            driver.switch_to.window(tab)
            driver.close()
        driver.switch_to.window(first)


def test_a_page_tells_that_its_studio_ended_and_that_another_one_began(
    page: Page, serve: Callable[..., Served]
) -> None:
    with socket.socket() as free:  # a port that no other studio takes meanwhile
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    page.studio = serve(page.studio.folder, "--port", port)
    page.visit(page.studio.address)
    begin(page.studio.folder)
    tell(page.studio.folder, display(1))
    page.open(f"/run/{RUN}")
    page.sees("1 of 100")
    page.studio.process.terminate()
    page.studio.process.wait()
    page.find("[role=alert]", "The studio does not answer: start 'mycaffe studio' again.")
    again = serve(page.studio.folder, "--port", port)
    assert again.base == page.studio.base and again.token != page.studio.token
    page.find("[role=alert]", "The studio was started anew: open the address that it printed.")
    page.click("header nav a", "Data")
    page.find("[role=alert]", "The studio was started anew")
    page.visit("about:blank")
    page.problems()  # the refusals that were asked for
    page.visit(again.address)
    page.open(f"/run/{RUN}")
    page.sees("1 of 100")
    assert not page.driver.find_element("css selector", "#main").text.count("started anew")
    assert page.problems() == []
