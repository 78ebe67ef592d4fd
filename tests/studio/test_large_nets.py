"""The model page with hundreds of layers, or none, stays a page that one can work with."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from mycaffe_py.proto.templates import template_path
from tests.benchmarks.studio_model import GOALS_MS, key_to_drawn
from tests.studio.conftest import Page

pytestmark = pytest.mark.slow
# How much slower a busy machine may be.
MARGIN = 3
LAYERS = 400


def _view(page: Page) -> Any:
    return page.driver.find_element(By.CSS_SELECTOR, ".graph")


def _chain(layers: int) -> str:
    text = 'layer { name: "d" type: "Input" top: "b0" input_param { shape { dim: 1 dim: 8 } } }\n'
    for number in range(1, layers):
        text += (
            f'layer {{\n  name: "relu{number}"\n  type: "ReLU"\n'
            f'  bottom: "b{number - 1}"\n  top: "b{number}"\n}}\n'
        )
    return text


def test_a_net_of_hundreds_of_layers_is_found_through(page: Page) -> None:
    (page.studio.folder / "long.prototxt").write_text(_chain(LAYERS))
    page.open("/model/long.prototxt")
    page.until(lambda: len(page.driver.find_elements(By.CSS_SELECTOR, "g.box")) == LAYERS, "all")
    page.find("#find").send_keys("relu399", Keys.ENTER)
    page.find("aside h2", "relu399")
    assert page.find("g.box", "relu399").is_displayed()
    bottom = page.driver.execute_script("return arguments[0].scrollTop", _view(page))
    assert bottom > 10_000
    # The small map leads back to the beginning.
    small = page.find(".graph-map")
    page.driver.execute_script(
        "const b = arguments[0].getBoundingClientRect(); arguments[0].dispatchEvent("
        "new PointerEvent('pointerdown', {clientX: b.x + 30, clientY: b.y + 4, pointerId: 1}))",
        small,
    )
    script = "return arguments[0].scrollTop"
    page.until(lambda: page.driver.execute_script(script, _view(page)) < 2000, "the beginning")
    page.click("button", "Overview")
    script = "const v = arguments[0]; return v.scrollHeight <= v.clientHeight + 1"
    page.until(lambda: page.driver.execute_script(script, _view(page)), "all of it in sight")
    page.click("button", "Fit")
    script = "return arguments[0].querySelector('g.box rect').getBoundingClientRect().width"
    page.until(lambda: page.driver.execute_script(script, _view(page)) > 60, "boxes to read")


def test_a_net_without_a_layer_is_begun(page: Page) -> None:
    (page.studio.folder / "empty.prototxt").write_text("")
    page.open("/model/empty.prototxt")
    page.find(".fault", "there is no layer in it")
    page.click("aside button", "Add a layer")
    page.find("#new-type").send_keys("input")
    page.click("dialog button", "Add Input")
    page.until(lambda: 'type: "Input"' in page.find("textarea.code").get_property("value"), "it")
    page.find("aside h2", "input1")


@pytest.mark.parametrize("name", sorted(GOALS_MS))
def test_a_key_is_soon_followed_by_the_new_graph_or_the_mistake(name: str, page: Page) -> None:
    shutil.copy(template_path("model", name), page.studio.folder)
    page.open(f"/model/{name}.prototxt")
    page.find("g.box")
    graph, mistake = key_to_drawn(page.driver)
    assert graph < MARGIN * GOALS_MS[name]
    assert mistake < MARGIN * GOALS_MS[name]
