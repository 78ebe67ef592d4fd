"""Home in a browser: the three beginnings of an empty folder, and the cards of a full one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from selenium.webdriver.support.ui import Select

from mycaffe_py.proto.templates import template_path
from tests.studio.conftest import Page

pytestmark = pytest.mark.slow
_DONE = {"kind": "end", "iteration": 100, "outcome": "done"}
_OLD = 'layers { name: "ip" type: INNER_PRODUCT top: "ip" inner_product_param { num_output: 2 } }\n'


@pytest.fixture
def pets(page: Page) -> Iterator[Path]:
    """Two classes of small pictures below the studio's folder."""
    folder = page.studio.folder / "pets"
    for number, label in enumerate(("cat", "dog <b>")):
        (folder / label).mkdir(parents=True)
        for item in range(12):
            shade = np.full((12, 12, 3), 40 + 90 * number + 3 * item, np.uint8)
            Image.fromarray(shade).save(folder / label / f"{item}.png")
    yield folder


def test_siamese_digits_are_one_click_and_their_training_is_on_top(page: Page) -> None:
    page.click("button.card", "Siamese digits")
    page.until(lambda: "/solver/siamese_28x28.solver" in page.driver.current_url, "the solver")
    for kind, ending in (("model", "prototxt"), ("solver", "solver")):
        packaged = template_path(kind, "siamese_28x28")  # type: ignore[arg-type]
        made = page.studio.folder / f"siamese_28x28.{ending}"
        assert made.read_bytes() == packaged.read_bytes()
    page.find("#seed").send_keys("1")
    page.click("button", "Train")
    page.until(lambda: "/run/snapshots/siamese_28x28" in page.driver.current_url, "the run")
    page.click("header nav a", "Home")
    page.find("section[aria-label='Running now']", "snapshots/siamese_28x28")
    page.until(
        lambda: "L" in (page.find("path.line.loss").get_attribute("d") or ""), "the small curve"
    )
    page.find("section[aria-label='Nets']", "siamese_28x28.solver")
    _is_clean(page)
    _post(page, "/api/run/stop", run="snapshots/siamese_28x28")
    diary = page.studio.folder / "snapshots" / "siamese_28x28.events.jsonl"
    page.until(lambda: '"stopped"' in diary.read_text(), "the end of the run")


def test_my_pictures_become_a_data_set_and_a_net(page: Page, pets: Path) -> None:
    page.click("a.card", "My pictures")
    page.click("button[aria-label='Choose folder']")
    page.click("dialog button", "This folder")
    page.click("dialog button", "pets/")
    page.click("dialog button", "Use this folder")
    page.find("#create-images-name").send_keys("PETS")
    page.click("button", "Make it")
    page.until(lambda: "/new?data=PETS" in page.driver.current_url, "the form of its net")
    page.click("button", "Make the project")
    page.until(lambda: "/model/pets.prototxt" in page.driver.current_url, "the model")
    assert "PETS.training" in (page.studio.folder / "pets.prototxt").read_text()
    page.click("header nav a", "Home")
    page.find("section[aria-label='Data sets'] li", "PETS")
    page.click("a.button", "New project")
    page.find("#name").send_keys("second")
    Select(page.find("#data")).select_by_value("PETS")
    assert "Siamese, written for the data set" in page.find("#model").text
    page.click("button", "Make the project")
    page.until(lambda: "/model/second.prototxt" in page.driver.current_url, "the project")
    page.open("/new/pictures")
    page.find("#create-images-folder").send_keys("/etc")
    page.find("#create-images-name").send_keys("X")
    page.click("button", "Make it")
    page.find(".fault", "is no place that the studio may read")
    # Two refusals were asked for: the second, of the command that is shown, comes late.
    page.until(lambda: any("preview" in one for one in page.problems()), "the later refusal")
    _is_clean(page)


def test_many_nets_and_runs_stay_cards_that_are_found(page: Page) -> None:
    """30 runs and 10 nets: the newest first, nothing wider than a narrow window."""
    folder = page.studio.folder
    for number in range(10):
        name = f"net{number}{'_with_a_long_name' * (number % 3)}"
        (folder / f"{name}.prototxt").write_text("")
        (folder / f"{name}.solver").write_text(f'net: "{name}.prototxt"\n')
    for number in range(30):
        run = folder / "snapshots" / f"run{number}.events.jsonl"
        run.parent.mkdir(exist_ok=True)
        begin = {"kind": "begin", "iteration": 0, "max_iter": 100, "pid": 0}
        run.write_text("".join(json.dumps(row) + "\n" for row in (begin, _DONE)))
        os.utime(run, (1e9 + number, 1e9 + number))
    page.open("/")
    page.find("section[aria-label='Nets'] li", "net9")
    runs = page.driver.find_elements("css selector", "section[aria-label='Runs'] li strong")
    assert [one.text for one in runs] == [f"snapshots/run{n}" for n in reversed(range(30))]
    assert (
        len(page.driver.find_elements("css selector", "section[aria-label='Nets'] > ul > li")) == 10
    )
    page.driver.set_window_size(420, 900)
    wide = page.driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    page.driver.set_window_size(1440, 900)
    assert wide[0] <= wide[1]
    _is_clean(page)


def test_old_files_are_upgraded_beside_themselves(page: Page) -> None:
    name = "old <img src=x onerror=alert(1)>.prototxt"
    (page.studio.folder / name).write_text(_OLD)
    (page.studio.folder / "torn.prototxt").write_text("layer {\n")
    page.open("/new/old")
    page.find("table.files", "torn.prototxt")
    page.find(".fault", "Where")
    page.click("button", "Upgrade the chosen files")
    target = name.replace(".prototxt", "_upgraded.prototxt")
    page.until(lambda: (page.studio.folder / target).is_file(), "the upgraded file")
    assert "InnerProduct" in (page.studio.folder / target).read_text()
    page.find("section", "Upgraded")
    page.sees("is upgraded")
    assert (page.studio.folder / name).read_text() == _OLD
    assert page.driver.find_elements("css selector", "main img") == []
    _is_clean(page)


def test_a_name_that_is_taken_is_told(page: Page) -> None:
    (page.studio.folder / "lenet.solver").write_text("base_lr: 1\n")
    page.open("/new")
    page.find("#name").send_keys("lenet")
    Select(page.find("#model")).select_by_value("lenet")
    page.click("button", "Make the project")
    page.find(".fault", "lenet.solver would be overwritten")
    page.problems()  # the refusal that was asked for
    _is_clean(page)


def _post(page: Page, path: str, **asked: object) -> None:
    page.driver.execute_async_script(
        "const [path, body, done] = arguments; fetch(path, {method: 'POST', body, headers: "
        "{'Content-Type': 'application/json'}}).then((r) => r.json()).then(done)",
        path, json.dumps(asked),
    )  # fmt: skip


def _is_clean(page: Page) -> None:
    """Nothing came from elsewhere, nothing went wrong, everybody can read it, on both grounds."""
    assert page.asked_hosts() <= {"127.0.0.1"}
    assert page.axe() == []
    page.click("button", "Light / dark")
    assert page.axe() == []
    assert page.problems() == []
