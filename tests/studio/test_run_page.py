"""The run page in a browser: a run is watched, stopped, gone on with and tested."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from mycaffe_py.proto.templates import template_path
from tests.studio.conftest import Page

pytestmark = pytest.mark.slow
RUN = "snapshots/siamese_28x28"


@pytest.fixture
def solver(page: Page) -> str:
    """The tutorial's texts in the studio's folder, with a test every 20 iterations."""
    for kind, ending in (("model", "prototxt"), ("solver", "solver")):
        path = template_path(kind, "siamese_28x28")  # type: ignore[arg-type]
        shutil.copy(path, page.studio.folder / f"siamese_28x28.{ending}")
    text = page.studio.folder / "siamese_28x28.solver"
    lines = text.read_text()
    lines = lines.replace("display: 100", "display: 5")
    text.write_text(lines.replace("test_interval: 500", "test_interval: 20"))
    return text.name


def _start(page: Page, **asked: object) -> None:
    page.driver.execute_async_script(
        "const [body, done] = arguments; fetch('/api/job', {method: 'POST', body, headers: "
        "{'Content-Type': 'application/json'}}).then((r) => r.json()).then(done)",
        json.dumps({"do": "train", **asked}),
    )


def test_a_run_is_watched_stopped_and_gone_on_with(page: Page, solver: str) -> None:
    _start(page, solver=solver, iterations=100000, film=True, seed=1)
    diary = page.studio.folder / f"{RUN}.events.jsonl"
    page.until(lambda: diary.is_file() and '"begin"' in diary.read_text(), "the run")
    page.open(f"/run/{RUN}")
    page.sees("running")
    page.sees("Stand-in data: digits28.training for MNIST.training")
    page.until(lambda: "L" in (page.find("path.line.loss").get_attribute("d") or ""), "the curve")
    page.until(lambda: "%" in page.find(".figures").text, "an accuracy")
    page.until(lambda: int(page.find("input[type=range]").get_attribute("max") or 0) > 2, "frames")
    page.click("button", "Stop")
    page.find(".state", "stopped")
    snapshots = list(page.studio.folder.glob(f"{RUN}_iter_*.solverstate"))
    assert len(snapshots) == 1
    reached = int(snapshots[0].name.split("_iter_")[1].split(".")[0])
    until = page.find("#until")
    until.clear()
    until.send_keys(str(reached + 30))
    page.click("button", "Go on")
    page.find(".state", "done")
    assert (page.studio.folder / f"{RUN}_iter_{reached + 30}.solverstate").is_file()
    page.click("button", "Test Many")
    page.until(lambda: "accuracy" in page.find("pre.console").text.lower(), "the answer")
    _is_clean(page)


def test_a_run_that_fails_is_told_in_parts(page: Page, solver: str) -> None:
    text = page.studio.folder / solver
    text.write_text(text.read_text().replace("base_lr: 0.01", "base_lr: 1e30"))
    _start(page, solver=solver, iterations=100, seed=1)
    page.until(lambda: (page.studio.folder / f"{RUN}.events.jsonl").is_file(), "the run")
    page.open(f"/run/{RUN}")
    page.find(".state", "failed")
    page.find(".fault", "Found")


def test_a_film_can_be_gone_through_by_keys(page: Page, solver: str) -> None:
    _start(page, solver=solver, iterations=40, film=True, seed=1)
    page.until(lambda: list(page.studio.folder.glob(f"{RUN}_iter_40.png")), "the end of the run")
    page.open(f"/run/{RUN}")
    page.sees("iteration 40")
    body = page.driver.find_element(By.TAG_NAME, "body")
    body.send_keys(",")
    page.until(lambda: "iteration 40" not in page.find("section.sheet", "Map").text, "a frame back")
    body.send_keys(".")
    page.until(lambda: "iteration 40" in page.find("section.sheet", "Map").text, "a frame on")
    body.send_keys("?")
    page.find("dialog", "play or pause the film")


def _is_clean(page: Page) -> None:
    """Nothing came from elsewhere, nothing went wrong, everybody can read it, on both grounds."""
    assert page.asked_hosts() <= {"127.0.0.1"}
    assert page.axe() == []
    page.click("button", "Light / dark")
    assert page.axe() == []
    assert page.problems() == []


def test_files_of_the_page_make_no_markup_from_texts() -> None:
    """Names of layers, labels and files are a stranger's."""
    import mycaffe_py.studio

    folder = Path(mycaffe_py.studio.__file__).parent / "page"
    for path in sorted(folder.rglob("*.js")):
        text = path.read_text(encoding="utf-8")
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert word not in text, f"{path.name} uses {word}"
