"""Nothing that a file, a label, a layer or a log is called becomes part of a page, or runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest

import mycaffe_py
import mycaffe_py.studio
from tests.studio import hostile
from tests.studio.conftest import Page

pytestmark = pytest.mark.slow
RUN = "snapshots/HOSTILE"


@pytest.fixture
def folder(page: Page, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder full of such names, with a run that was trained on such labels."""
    monkeypatch.setenv("MYCAFFE_DATA", environment["MYCAFFE_DATA"])
    folder = page.studio.folder
    hostile.write_sets()
    hostile.write_project(folder)
    weights = f"{RUN}_iter_8.caffemodel"
    sets = [f"--set=solver.{one}" for one in ("display=2", "test_interval=8", "test_iter=1")]
    words = ["train", "--solver=HOSTILE.solver", "--iterations=8", "--film", *sets]
    _mycaffe(folder, environment, *words)
    _mycaffe(folder, environment, "test-many", f"--snapshot={weights}", "--record")
    net = mycaffe_py.load(folder / weights)
    for number, label in enumerate(hostile.LABELS):
        picture = np.eye(28, k=number - 12, dtype=np.uint8) * 255
        net.enroll(label, picture, force=True)
    hostile.write_texts(folder)
    hostile.write_runs(folder)
    hostile.write_job(folder, 1, ["test-many", f"--snapshot=./{weights}", *hostile.FILES])
    return folder


def _mycaffe(folder: Path, environment: dict[str, str], *words: str) -> None:
    command = [sys.executable, "-m", "mycaffe_py", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def _is_whole(page: Page, address: str, title: str) -> None:
    """The page is the studio's own, and nothing else ran in it."""
    driver = page.driver
    assert _title(page) == f"{title} - MyCaffe studio", address
    assert driver.execute_script("return window.taken") is None, address
    found = driver.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map((one) => one.outerHTML)",
        hostile.INTRUDERS,
    )
    assert found == [], address
    assert not [line for line in page.problems() if "Content Security Policy" in line], address
    assert page.asked_hosts() <= {"127.0.0.1"}


def _shown(page: Page, address: str, heading: str) -> None:
    page.open(address)
    page.until(lambda: page.driver.title.endswith("MyCaffe studio"), address)
    page.until(lambda: heading in page.find("h1").text, f"{heading!r} at {address}")


def test_names_stay_names_on_every_page(page: Page, folder: Path) -> None:
    assert len(hostile.STRINGS) >= 20
    first = hostile.STRINGS[0]
    at = f"/run/{RUN}"
    for address, heading, title, seen in (
        ("/", "nets", "Home", first),
        ("/models", "Models", "Models", first),
        ("/runs", "Runs", "Runs", first),
        ("/model/layers.prototxt", "layers", "layers.prototxt", first),
        ("/data", "Data", "Data", first),
        ("/data/HOSTILE", "HOSTILE", "HOSTILE", first),
        ("/data/HEADS", "HEADS", "HEADS", hostile.STRINGS[2]),
        (at, RUN, RUN, "HOSTILE"),
        (f"{at}/test", "Test Many", f"Test Many, {RUN}", first),
        (f"{at}/map", "Map", f"Map of {RUN}", first),
        (f"{at}/try", "Try", f"Try {RUN}", first),
        (f"/compare?run={RUN}&run={quote(hostile.FILES[0])}", "Compare", "Compare 2 runs", first),
        ("/rank", "Designs", "Designs", "Designs"),
        ("/new", "New project", "New project", "HOSTILE"),
        ("/new/pictures", "", "", ""),
        ("/new/old", "", "", first),
    ):
        _shown(page, address, heading)
        if seen:
            page.until(lambda s=seen: s in _all_text(page), f"{seen!r} at {address}")
        _is_whole(page, address, title or page.driver.title.removesuffix(" - MyCaffe studio"))


def test_texts_and_runs_of_any_name_stay_names(page: Page) -> None:
    hostile.write_texts(page.studio.folder)
    hostile.write_runs(page.studio.folder)
    names = [name for name in hostile.FILES if "\\" not in name]
    assert len(names) >= 20
    texts = (("model", ".prototxt"), ("solver", ".solver"))
    for number, name in enumerate(names):
        for kind, ending in (("run", ""), texts[number % 2]):
            address = f"/{kind}/{quote(name + ending)}"
            page.driver.execute_script(
                "document.dispatchEvent(new CustomEvent('go', {detail: arguments[0]}))", address
            )
            # A browser's title has a space in place of what no one sees.
            title = re.sub(r"[\x00-\x20\x7f]+", " ", f"{name}{ending}").strip()
            page.until(lambda t=title: _title(page) == f"{t} - MyCaffe studio", address)
            page.until(lambda: page.driver.find_elements("css selector", "main .fault"), address)
            _is_whole(page, address, title)


def _title(page: Page) -> str:
    return str(page.driver.execute_script("return document.title"))


def _all_text(page: Page) -> str:
    script = (
        "return document.body.textContent"
        " + [...document.querySelectorAll('textarea')].map((one) => one.value)"
    )
    return str(page.driver.execute_script(script))
