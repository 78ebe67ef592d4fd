"""The model and solver pages in a browser: text, graph and form say the same."""

from __future__ import annotations

import shutil

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from mycaffe_py.proto.templates import template_path
from tests.studio.conftest import Page

pytestmark = pytest.mark.slow
MODEL = "siamese_28x28.prototxt"


@pytest.fixture
def model(page: Page) -> Page:
    """The page of the tutorial's net."""
    shutil.copy(template_path("model", "siamese_28x28"), page.studio.folder / MODEL)
    shutil.copy(template_path("solver", "siamese_28x28"), page.studio.folder)
    page.open(f"/model/{MODEL}")
    page.find("g.box", "conv1")
    return page


def _text(page: Page) -> str:
    return str(page.find("textarea.code").get_attribute("value"))


def _type(page: Page, css: str, value: str) -> None:
    def act() -> bool:
        # The form is drawn anew after each change of the text.
        field = page.find(css)
        field.send_keys(Keys.CONTROL, "a", Keys.NULL, value, Keys.TAB)
        return True

    page.until(act, f"'{value}' in {css}")


def test_the_form_changes_both_twins_and_the_graph_follows(model: Page) -> None:
    before = _text(model)
    model.click("g.box", "conv1")
    _type(model, "#f-convolution_param-num_output", "24")
    model.until(lambda: _text(model).count("num_output: 24") == 2, "both twins")
    assert _text(model).replace("num_output: 24", "num_output: 20") == before
    model.find("g.box", "64x24x24x24")
    model.find(".head", "Not saved")
    model.click("button", "Save")
    model.find(".head", "Saved")
    assert (model.studio.folder / MODEL).read_text() == _text(model)


def test_a_mistake_is_told_at_its_line_and_mended_by_a_click(model: Page) -> None:
    area = model.find("textarea.code")
    model.driver.execute_script(
        "const a = arguments[0]; a.value = a.value.replace('\"Pooling\"', '\"Poling\"');"
        "a.dispatchEvent(new Event('input'))",
        area,
    )
    model.find(".fault", "unknown layer type 'Poling'")
    assert model.find(".marked.wrong").is_displayed()
    model.click("button", "go there")
    model.click("button", "Use 'Pooling'")
    model.until(lambda: not model.driver.find_elements(By.CSS_SELECTOR, ".fault"), "the end of it")
    assert '"Poling"' not in _text(model)


def test_layers_are_added_renamed_and_taken_out(model: Page) -> None:
    before = _text(model)
    model.click("g.box", "ip1")
    model.find("aside h2", "ip1")
    model.click("aside button", "Add a layer")
    model.find("dialog.palette small", "behind ip1")
    model.find("#new-type").send_keys("sigmo")
    model.find("dialog pre", "Formula")
    model.click("dialog button", "Add Sigmoid")
    model.find("g.box", "sigmoid1")
    _type(model, "#layer-name", "squash")
    model.find("g.box", "squash")
    assert 'top: "squash"' in _text(model)
    model.click("button", "Remove layer")
    model.until(lambda: _text(model) == before, "the text as it was")


def test_a_change_is_shown_and_undone(model: Page) -> None:
    before = _text(model)
    model.click("g.box", "conv1")
    _type(model, "#f-convolution_param-num_output", "24")
    model.until(lambda: _text(model).count("num_output: 24") == 2, "both twins")
    model.click(".head button", "Changes")
    model.find("dialog.changes del", "num_output: 20")
    model.find("dialog.changes ins", "num_output: 24")
    assert len(model.driver.find_elements(By.CSS_SELECTOR, "dialog.changes .part")) == 2
    model.click("dialog button", "Close")
    model.click(".head button", "Undo")
    model.until(lambda: _text(model) == before, "the text as it was")
    model.find("g.box", "64x20x24x24")


def test_layers_are_found_by_name_and_by_what_they_read(model: Page) -> None:
    box = model.find("g.box", "conv1")
    model.driver.execute_script("arguments[0].focus()", box)
    model.driver.switch_to.active_element.send_keys(Keys.CONTROL, "f")
    model.until(lambda: model.driver.switch_to.active_element.get_attribute("id") == "find", "find")
    model.driver.switch_to.active_element.send_keys("pool")
    model.find("aside h2", "pool1")
    model.driver.switch_to.active_element.send_keys(Keys.ENTER)
    model.find("aside h2", "pool2")
    model.click("aside button", "conv2")
    model.find("aside h2", "conv2")
    model.click("aside button", "pool1")
    model.find("aside h2", "pool1")


def test_badges_tell_what_runs_once(model: Page) -> None:
    box = model.find("g.box", "conv1")
    assert "runs once with conv1_p, on 128 rows" in str(box.get_attribute("aria-label"))
    model.click("g.box", "conv1")
    model.find("aside .badge", "runs once with conv1_p, on 128 rows")
    model.find("aside .badge", "one kernel with conv1_p and pool1 and pool1_p")


def test_a_change_by_another_program_is_not_lost(model: Page) -> None:
    path = model.studio.folder / MODEL
    path.write_text("# theirs\n" + path.read_text())
    model.click("button", "Save")
    model.find(".fault", "changed by another program")
    assert path.read_text().startswith("# theirs\n")
    model.click("button", "Load it anew")
    model.until(lambda: _text(model).startswith("# theirs\n"), "their text")


def test_the_graph_is_walked_by_keys(model: Page) -> None:
    box = model.find("g.box", "conv1")
    model.driver.execute_script("arguments[0].focus()", box)
    for key, name in ((Keys.ARROW_RIGHT, "conv1_p"), (Keys.ARROW_DOWN, "pool1_p")):
        model.driver.switch_to.active_element.send_keys(key)
        focused = model.driver.switch_to.active_element.get_attribute("aria-label")
        assert str(focused).startswith(f"{name},")
    model.driver.switch_to.active_element.send_keys(Keys.ENTER)
    model.find("aside h2", "pool1_p")


def test_the_pages_are_clean(model: Page) -> None:
    for path in (f"/model/{MODEL}", "/solver/siamese_28x28.solver", "/models", "/"):
        model.open(path)
        model.find("h1")
        for _ in range(2):
            assert model.axe() == [], path
            model.click("button", "Light / dark")
    assert model.asked_hosts() <= {"127.0.0.1"}
    assert model.problems() == []


def test_the_solver_page_changes_its_text_and_the_words(model: Page) -> None:
    model.open("/solver/siamese_28x28.solver")
    model.sees("for 8,000 iterations of one batch")
    _type(model, "#s-max_iter", "900")
    model.sees("for 900 iterations of one batch")
    assert "max_iter: 900" in _text(model)
    offered = model.find("#s-lr_policy").get_attribute("list")
    words = model.driver.find_elements(By.CSS_SELECTOR, f"datalist[id='{offered}'] option")
    assert "multistep" in [one.get_attribute("value") for one in words]
    _type(model, "#s-lr_policy", "nonsense")
    model.find(".fault", "nonsense")
