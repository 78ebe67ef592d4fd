"""The data pages in a browser: a set is made, looked through, filtered and removed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.image_database.database import write_dataset
from tests.studio import timing
from tests.studio.conftest import Page

pytestmark = pytest.mark.slow
# What a quiet machine of two cores reaches; times are held with a margin of 3.
FIRST_SCREEN_MS, JUMP_MS, FRAMES_PER_S, MOST_IMAGES = 1000, 300, 30, 40


@pytest.fixture
def pictures(page: Page) -> Path:
    """Colour JPEGs in a folder for each class, one of a hostile name."""
    folder = page.studio.folder / "pictures"
    noise = np.random.default_rng(2)
    for number, name in enumerate(("red", "green", "<img src=x onerror=alert(1)>")):
        (folder / name).mkdir(parents=True)
        for one in range(12):
            pixels = noise.integers(0, 100, (20, 24, 3)).astype(np.uint8)
            pixels[..., number] += 120
            Image.fromarray(pixels).save(folder / name / f"{one}.jpg")
    return folder


def test_a_folder_of_pictures_becomes_a_set_that_is_looked_through(
    page: Page, pictures: Path, environment: dict[str, str]
) -> None:
    page.open("/data")
    page.sees("digits28")
    page.click("button", "images")
    page.click("button[aria-label='Choose folder']")
    page.click("dialog button", "This folder")
    page.click("dialog button", "pictures/")
    page.click("dialog button", "Use this folder")
    page.find("#create-images-name").send_keys("COLOURS")
    page.find("#create-images-size").send_keys("24x20")
    page.until(lambda: "--name=COLOURS" in page.text, "the command line")
    page.click("button", "Make it")
    page.click("a.button", "Open COLOURS")
    page.sees("36 images of 3 x 20 x 24")
    _shows_the_figures_of_the_command(page, environment)
    page.click("button.set-bar", "<img src=x")
    page.sees("<img src=x onerror=alert(1)> (label")
    page.find(".roll").send_keys(Keys.END)
    page.until(lambda: page.find(".one h2").text != "image 0", "another picture")
    roll = page.find(".roll")
    ActionChains(page.driver).context_click(roll).perform()
    page.find("dialog h2", "Mean of all 36 images")
    page.click("dialog button", "Close")
    page.click("button", "All")
    _is_clean(page)
    page.open("/data")
    page.click("button[aria-label='Remove COLOURS']")
    page.click("dialog button", "Keep it")
    page.click("button[aria-label='Remove COLOURS']")
    page.click("dialog button", "Remove")
    page.until(lambda: "COLOURS" not in page.find("ul.cards").text, "the set's end")
    _is_clean(page)


def _shows_the_figures_of_the_command(page: Page, environment: dict[str, str]) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "mycaffe_py", "dataset", "show", "COLOURS", "--json"],
        capture_output=True, text=True, check=True, env=environment, cwd=page.studio.folder,
    )  # fmt: skip
    bars = [
        one.text.split("\n") for one in page.driver.find_elements(By.CSS_SELECTOR, ".bars .set-bar")
    ]
    shown = {name: int(count) for name, count in bars}
    assert shown == json.loads(told.stdout)[0]["per_label"]


def test_one_picture_is_shown_as_a_net_sees_it(page: Page) -> None:
    text = page.studio.folder / "small.prototxt"
    text.write_text(
        'layer { name: "in" type: "Data" top: "data" top: "label" transform_param { scale: 0.5 '
        'crop_size: 20 } data_param { source: "digits28.training" batch_size: 1 } }\n'
    )
    page.open("/data/digits28.testing")
    page.sees("360 images of 1 x 28 x 28")
    page.find("#model").send_keys("small.prototxt")
    page.sees("layer 'in': times 0.5, the middle of 20 x 20")
    page.sees("1 x 20 x 20, values from 0 to 127.5")
    body = page.driver.find_element(By.TAG_NAME, "body")
    body.send_keys("j")
    page.find(".one h2", "image 1")
    page.find(".roll").send_keys(Keys.ENTER)
    page.find("dialog h2", "image 1, ")
    page.click("dialog button", "Close")
    body.send_keys("m")
    page.find("dialog h2", "Mean of all 360 images")
    page.click("dialog button", "Close")
    _is_clean(page)


def test_windows_of_counters_are_lines_with_a_table(
    page: Page, environment: dict[str, str]
) -> None:
    create = ["dataset", "create", "telecom", "--hours=0.2", "--name=LINK"]
    subprocess.run([sys.executable, "-m", "mycaffe_py", *create], check=True, env=environment)
    page.open("/data/LINK")
    page.sees("windows of 1 x 30 x 9")
    page.until(lambda: len(page.driver.find_elements(By.CSS_SELECTOR, ".lines svg")) == 9, "lines")
    page.click(".lines summary")
    assert len(page.driver.find_elements(By.CSS_SELECTOR, ".lines tbody tr")) == 30
    _is_clean(page)


def test_many_images_need_few_elements_and_a_jump_is_fast(
    page: Page, environment: dict[str, str]
) -> None:
    count = 5000
    images = np.random.default_rng(3).integers(0, 256, (count, 1, 28, 28)).astype(np.uint8)
    source = make_source("MANY.training", images, np.arange(count, dtype=np.int64) % 10)
    write_dataset(Path(environment["MYCAFFE_DATA"]) / "MANY.sqlite", "MANY", {"training": source})
    assert timing.first_screen_ms(page, "MANY") < 3 * FIRST_SCREEN_MS
    rolled = timing.scrolled(page, 1.5)
    assert rolled["frames_per_s"] > FRAMES_PER_S / 3
    assert rolled["images"] <= MOST_IMAGES
    # A sheet is asked for once, and those of rows that went by are not asked for in advance.
    high = page.driver.execute_script("return document.querySelector('.roll img').clientHeight")
    assert rolled["sheets"] <= (rolled["end"] + page.find(".roll").size["height"]) / high + 3
    assert timing.jump_ms(page, count - 1) < 3 * JUMP_MS
    assert page.driver.execute_script("return document.images.length") <= MOST_IMAGES
    page.find(".one h2", "image 4,999")


def test_one_picture_alone_and_large_ones_in_colour_are_laid_out(
    page: Page, environment: dict[str, str]
) -> None:
    folder = Path(environment["MYCAFFE_DATA"])
    large = np.zeros((30, 3, 224, 224), np.uint8)
    large[:, 1] = np.arange(224)
    for name, images in (("ALONE", large[:1, 1:2, :28, :28]), ("LARGE", large)):
        source = make_source(f"{name}.training", images, np.arange(len(images)) % 3)
        write_dataset(folder / f"{name}.sqlite", name, {"training": source})
    page.open("/data/ALONE")
    page.sees("1 image of 1 x 28 x 28")
    page.find(".one h2", "image 0")
    roll = page.find(".roll")
    roll.send_keys(Keys.END, Keys.ARROW_RIGHT)
    page.find(".one h2", "image 0")
    # The list is as high as what it holds, and rolls only where that is higher than the window.
    assert roll.size["height"] < 80
    page.open("/data/LARGE")
    page.sees("30 images of 3 x 224 x 224")
    page.find(".roll").send_keys(Keys.END)
    page.find(".one h2", "image 29")
    shown = page.find(".one img")
    page.until(lambda: shown.get_property("naturalWidth") == 224, "the whole picture")
    sheet = page.find(".roll img")
    # Of a sheet each picture has 64 pixels, whatever it had.
    page.until(lambda: sheet.get_property("naturalHeight") == 8 * 65, "its sheet")
    _is_clean(page)


def _is_clean(page: Page) -> None:
    """Nothing came from elsewhere, nothing went wrong, everybody can read it, on both grounds."""
    assert page.asked_hosts() <= {"127.0.0.1"}
    assert page.axe() == []
    page.click("button", "Light / dark")
    assert page.axe() == []
    page.click("button", "Light / dark")
    assert page.problems() == []
