"""Whether a function that no journey runs would be found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.studio.conftest import Page
from tests.studio.executed import CALLED, NOT_RUN, PAGE, exported, note, wrong

pytestmark = pytest.mark.slow


def test_what_no_test_runs_and_what_is_named_in_vain_is_found(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "a.js").write_text("export function one() {}\nfunction own() {}\n")
    (tmp_path / "pages" / "b.js").write_text("export async function show() {}\n")
    functions = exported(tmp_path)
    assert functions == {"a.js: one", "pages/b.js: show"}
    assert wrong(functions, {"a.js: one", "pages/b.js: show"}, {}) == []
    assert len(wrong(functions, {"a.js: one"}, {})) == 1
    assert wrong(functions, {"a.js: one"}, {"pages/b.js: show": "why"}) == []
    assert len(wrong(functions, functions, {"a.js: one": "it is run", "c.js: f": "gone"})) == 2


def test_each_function_that_is_left_out_has_a_reason() -> None:
    assert all(NOT_RUN.values())
    assert set(NOT_RUN) <= exported(PAGE)


def test_the_browser_notes_what_is_called_and_nothing_else(page: Page) -> None:
    page.sees("Home")
    note(page.driver)
    CALLED.difference_update({"numbers.js: percent", "numbers.js: distance"})
    call = "const done = arguments[0]; import('/static/numbers.js').then((m) => done(m.percent(1)))"
    assert page.driver.execute_async_script(call) == "100.00 %"
    note(page.driver)
    assert "numbers.js: percent" in CALLED
    assert "numbers.js: distance" not in CALLED
