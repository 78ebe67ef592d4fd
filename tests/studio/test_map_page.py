"""The map page in a browser: a run's items are laid out, looked at, chosen and kept."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from mycaffe_py.data.source import open_source
from mycaffe_py.evaluate.answers import Answers, write_answers
from mycaffe_py.snapshot.film import FilmHead, Frame, append_frame, write_film
from mycaffe_py.snapshot.names import SnapshotFiles
from tests.studio.conftest import Page

pytestmark = pytest.mark.slow
# Names of files and classes are a stranger's.
RUN = "nets/<b>small&"


@pytest.fixture
def run(page: Page, siamese_snapshot: Path) -> Path:
    """A trained net in the studio's folder, without answers and without a film."""
    prefix = page.studio.folder / RUN
    prefix.parent.mkdir()
    for path in siamese_snapshot.parent.glob("small_iter_150.*"):
        if not path.name.endswith(".npz"):
            shutil.copy(path, prefix.with_name(path.name.replace("small", "<b>small&")))
    return prefix


def _filmed(prefix: Path, width: int) -> None:
    source = open_source("digits28.testing")
    labels = source.labels[:60]
    names = {**source.label_names, 3: '<img src=x onerror="document.title=1">'}
    head = FilmHead(
        "small", 1, 10, width, source.name, source.checksum, len(source), "", True,
        tuple(range(60)), tuple(labels.tolist()), names,
    )  # fmt: skip
    path = prefix.with_name(f"{prefix.name}.film")
    write_film(path, head)
    _film(prefix, width, (0, 10, 20))


def _film(prefix: Path, width: int, iterations: tuple[int, ...]) -> None:
    path = prefix.with_name(f"{prefix.name}.film")
    labels = open_source("digits28.testing").labels[:60]
    places = np.random.default_rng(3).standard_normal((10, width))
    for iteration in iterations:
        points = (places[labels] * iteration + np.arange(60)[:, None]).astype(np.float32)
        means = np.array([points[labels == n].mean(axis=0) for n in range(10)], np.float32)
        losses = np.ones(min(iteration, 10), np.float32)
        append_frame(path, Frame(iteration, points, means, np.arange(10), losses))


def test_items_are_mapped_looked_at_and_kept_as_a_data_set(page: Page, run: Path) -> None:
    page.open(f"/run/{RUN.replace('<', '%3C').replace('>', '%3E')}/map")
    page.sees("Nothing to map yet")
    page.click("button", "Test many and map")
    page.sees("items of digits28.testing, after 150 iterations")
    over = page.find("canvas.over")
    # A lasso around the left half.
    over.send_keys("l")
    page.find("button[aria-pressed=true]", "Lasso")
    half = over.size["width"] // 2 - 4, over.size["height"] // 2 - 4
    drag = ActionChains(page.driver, duration=20).move_to_element_with_offset(
        over, -half[0], -half[1]
    )
    drag = drag.click_and_hold().move_by_offset(half[0], 0).move_by_offset(0, 2 * half[1])
    drag.move_by_offset(-half[0], 0).release().perform()
    page.find("[aria-label='Chosen items'] button")
    chosen = int(page.find("form + .held, .sheet p strong", " items").text.split()[0])
    assert 0 < chosen < 360
    page.find("#set-name").send_keys("HALF")
    page.click("button", "Make a data set of these")
    page.find(".state.done")
    assert f"{chosen} images" in page.find("pre.console").text or "HALF" in page.text
    # By keys: one item, its neighbours, what is in view.
    page.driver.find_element(By.TAG_NAME, "body").send_keys(Keys.ESCAPE)
    over.send_keys("j")
    page.sees("Nearest neighbours")
    page.find(".tiles button canvas")
    page.until(lambda: len(page.driver.find_elements(By.CSS_SELECTOR, ".tiles button")) == 12, "12")
    over.send_keys("v")
    page.find(".sheet p strong", "360 items")
    page.click("button.class")
    over.send_keys("v")
    page.find(".sheet p strong", "324 items")
    over.send_keys("p", "c", "w")
    page.find("button[aria-pressed=true]", "Pictures")
    _is_clean(page)


def test_a_film_wider_than_three_is_laid_out_and_gone_through(page: Page, run: Path) -> None:
    for path in run.parent.iterdir():
        path.unlink()
    _filmed(run, 5)
    run.with_name(f"{run.name}.events.jsonl").touch()
    page.open(f"/run/{RUN.replace('<', '%3C').replace('>', '%3E')}/map")
    page.sees("The 5-D feature on the 3 principal axes (PCA) of the frame of iteration 20")
    page.sees("iteration 20")
    over = page.find("canvas.over")
    over.send_keys(",", Keys.ARROW_LEFT, Keys.ARROW_UP, "+", "0", "j")
    page.sees("iteration 10")
    page.sees("Nearest neighbours")
    over.send_keys("d")
    page.find("button[aria-pressed=false]", "3-D")
    assert "<img src=x" in page.find(".classes").text
    assert page.driver.title.startswith("Map of nets/<b>small&")
    # The run goes on: its frames and its loss come by themselves, and one leads to the other.
    run.with_name(f"{run.name}.events.jsonl").write_text("".join(
        json.dumps({"kind": "display", "iteration": at, "loss": 1.0}) + "\n" for at in (0, 10, 50)
    ))  # fmt: skip
    over.send_keys(".")
    page.sees("iteration 20")
    _film(run, 5, (50,))
    page.sees("iteration 50")
    page.sees("of the frame of iteration 50")
    curve = page.find("svg[aria-label='loss']")
    cursor = page.driver.find_element(By.CSS_SELECTOR, "line.cursor")
    page.until(lambda: cursor.get_attribute("visibility") == "visible", "the cursor")
    page.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", curve)
    left = ActionChains(page.driver)
    left.move_to_element_with_offset(curve, -curve.rect["width"] // 4, 0).perform()
    page.sees("iteration 10")
    page.driver.set_window_size(420, 900)
    assert page.driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    _is_clean(page)


def test_nothing_plays_for_a_user_who_wants_no_motion(page: Page, run: Path) -> None:
    _filmed(run, 2)
    wish = {"name": "prefers-reduced-motion", "value": "reduce"}
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [wish]})
    try:
        page.open(f"/run/{RUN.replace('<', '%3C').replace('>', '%3E')}/map")
        page.sees("iteration 20")
        page.find("canvas.over").send_keys(",", ",", " ")
        page.sees("iteration 10")
        # A film that plays has a frame in 0.12 s.
        time.sleep(0.5)
        assert "iteration 10" in page.text
        assert "Pause" not in page.text
    finally:
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_hard_pairs_are_lines_that_are_stepped_through(page: Page, run: Path) -> None:
    source = open_source("digits28.testing")
    labels = source.labels[:40]
    features = np.stack([labels * 3.0, np.arange(40) * 0.1], axis=1).astype(np.float32)
    kept = Answers(
        source.name, source.checksum, np.arange(40), labels, labels, np.arange(10),
        np.ones((40, 10), np.float32), features,
    )  # fmt: skip
    write_answers(SnapshotFiles.beside(run.with_name(f"{run.name}_iter_150.run.json")), kept)
    page.open(f"/run/{RUN.replace('<', '%3C').replace('>', '%3E')}/map")
    over = page.find("canvas.over")
    page.sees("40 items of digits28.testing")
    over.send_keys("h")
    page.find("button[aria-pressed=true]", "Hard pairs")
    page.sees("1 of the 60 hardest")
    page.click("button", "Same class, far apart")
    first = page.find(".hard-pair").text
    assert "Euclidean distance" in first and "of the loss" in first
    page.driver.find_element(By.TAG_NAME, "body").send_keys("j", "j")
    page.sees("3 of the ")
    page.driver.find_element(By.TAG_NAME, "body").send_keys("k", "k")
    page.until(lambda: page.find(".hard-pair").text == first, "the first pair")
    # What is pointed at: its class and its picture, beside the hand.
    for across in range(-300, 300, 12):
        hand = ActionChains(page.driver, duration=0)
        hand.move_to_element_with_offset(over, across, across // 2).perform()
        tip = page.driver.find_element(By.CSS_SELECTOR, ".tip")
        if tip.is_displayed():
            break
    assert tip.text in {str(n) for n in range(10)}
    assert tip.find_elements(By.TAG_NAME, "canvas")
    _is_clean(page)
    over.send_keys("h")
    page.until(lambda: "Hard pairs" not in page.find(".mapped > .stack").text, "no pairs")


def _is_clean(page: Page) -> None:
    assert page.asked_hosts() <= {"127.0.0.1"}
    assert page.axe() == []
    page.click("button", "Light / dark")
    assert page.axe() == []
    page.click("button", "Light / dark")
    assert page.problems() == []
