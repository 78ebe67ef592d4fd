"""A studio of the installed command, and a real browser that can reach this machine alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette")
pytest.importorskip("selenium")

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.studio.executed import note

_START_S = 60
_WAIT_S = 60


@dataclass
class Served:
    """A studio that runs: its folder, its address with the key, its process."""

    folder: Path
    address: str
    process: subprocess.Popen[str]

    @property
    def base(self) -> str:
        """The address without the key."""
        return self.address.partition("/?")[0]

    @property
    def token(self) -> str:
        """The key."""
        return self.address.partition("token=")[2]


def environment_of(data: Path) -> dict[str, str]:
    """No network, no MNIST, data sets in the folder `data`."""
    kept = {name: value for name, value in os.environ.items() if name != "MYCAFFE_MNIST"}
    return {**kept, "MYCAFFE_DATA": str(data), "MYCAFFE_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Of every process: no network, no MNIST, data sets of its own."""
    return environment_of(tmp_path_factory.mktemp("data"))


@pytest.fixture
def serve(environment: dict[str, str]) -> Iterator[Callable[..., Served]]:
    """Starts `mycaffe studio` in a folder; all are ended with the test."""
    started: list[Served] = []

    def begin(folder: Path, *more: str) -> Served:
        process = subprocess.Popen(
            [sys.executable, "-m", "mycaffe_py", "studio", str(folder), "--no-browser", *more],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
        )  # fmt: skip
        served = Served(folder, address_of(process), process)
        started.append(served)
        return served

    yield begin
    for served in started:
        served.process.terminate()
        served.process.communicate(timeout=20)


@pytest.fixture
def studio(serve: Callable[[Path], Served], tmp_path: Path) -> Served:
    """A studio of an empty folder."""
    folder = tmp_path / "nets"
    folder.mkdir()
    return serve(folder)


def address_of(process: subprocess.Popen[str]) -> str:
    """The address that a studio which has just started tells. Errors: it does not start."""
    told = ""
    end = time.monotonic() + _START_S
    assert process.stdout is not None
    while time.monotonic() < end and process.poll() is None:
        told += process.stdout.readline()
        found = re.search(r"http://\S+", told)
        if found:
            return found[0]
    raise AssertionError(f"the studio did not start: {told}")


class Page:
    """What a user does with one window of the browser."""

    def __init__(self, driver: webdriver.Chrome, studio: Served) -> None:
        self.driver = driver
        self.studio = studio
        note(driver)
        driver.get(studio.address)

    def open(self, path: str) -> None:
        """Go to an address of the studio."""
        self.visit(self.studio.base + path)

    def visit(self, address: str) -> None:
        """Go to any address."""
        note(self.driver)
        self.driver.get(address)

    def until(self, found: Callable[[], Any], what: str = "what was waited for") -> Any:
        """What `found` gives once it is true. Errors: it does not come."""
        end = time.monotonic() + _WAIT_S
        problem: Exception | None = None
        while time.monotonic() < end:
            try:
                value = found()
                if value:
                    return value
            except Exception as error:  # an element that the page has just replaced
                problem = error
            time.sleep(0.05)
        raise AssertionError(f"{what} did not come; the page says:\n{self.text}") from problem

    def find(self, css: str, text: str = "") -> WebElement:
        """The first element of this kind that is seen, with this text in it."""

        def look() -> WebElement | None:
            for element in self.driver.find_elements(By.CSS_SELECTOR, css):
                if element.is_displayed() and text in element.text:
                    return element
            return None

        found: WebElement = self.until(look, f"'{css}' with '{text}'")
        return found

    def click(self, css: str, text: str = "") -> None:
        """Click it."""

        def act() -> bool:
            self.find(css, text).click()
            return True

        self.until(act, f"a click on '{css}' with '{text}'")

    def sees(self, text: str) -> None:
        """Wait until the page says so."""
        self.until(lambda: text in self.text, f"'{text}'")

    @property
    def text(self) -> str:
        """All that is seen."""
        return str(self.driver.find_element(By.TAG_NAME, "body").text)

    def problems(self) -> list[str]:
        """What the browser's log holds: errors of scripts, refused requests."""
        return [str(entry["message"]) for entry in self.driver.get_log("browser")]

    def asked_hosts(self) -> set[str]:
        """The hosts of everything that was loaded."""
        names = self.driver.execute_script(
            "return performance.getEntriesByType('resource').map((r) => new URL(r.name).hostname)"
        )
        return set(names)

    def axe(self) -> list[str]:
        """What keeps some people from reading or reaching the page, by axe-core."""
        from axe_selenium_python import Axe

        axe = Axe(self.driver)
        script = Path(axe.script_url).read_text(encoding="utf-8")
        # Through the debugger: the page's own policy runs no script but the studio's.
        self.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": script})
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document).then((r) => done(r.violations))"
        )
        return [
            f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
            for one in found
            for node in one["nodes"]
        ]


def browser(profile: Path) -> webdriver.Chrome:
    """A browser without a window; no name but this machine's leads anywhere."""
    options = Options()
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--window-size=1440,900", f"--user-data-dir={profile}",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    program = shutil.which("chromedriver")
    if not program:
        why = "the studio is tested in Chromium: apt-get install chromium chromium-driver"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    return webdriver.Chrome(options=options, service=Service(program))


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """The browser of all tests."""
    opened = browser(tmp_path_factory.mktemp("browser"))
    yield opened
    note(opened)
    opened.quit()


@pytest.fixture
def page(driver: webdriver.Chrome, studio: Served) -> Iterator[Page]:
    """A window on the studio, which is left before the studio ends.

    The stream of a page that stays open asks again, and the next studio may have the same port: it
    does not know the old key, and its refusal would stand in the log of the next test.
    """
    driver.set_window_size(1440, 900)
    driver.get_log("browser")
    yield Page(driver, studio)
    note(driver)
    driver.get("about:blank")
    driver.get_log("browser")
