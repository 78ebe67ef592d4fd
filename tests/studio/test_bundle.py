"""The modules of a page come in one file and mean the same."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("starlette")

from mycaffe_py.studio import bundle
from mycaffe_py.studio.bundle import PAGE, bundled, module_at
from tests.studio.conftest import Page

_SCRIPTS = sorted(path.relative_to(PAGE).as_posix() for path in PAGE.rglob("*.js"))
_PAGES = [name for name in _SCRIPTS if name.startswith("pages/")]


@pytest.mark.parametrize("name", _SCRIPTS)
def test_a_module_imports_and_exports_in_the_ways_that_are_known(name: str) -> None:
    text = (PAGE / name).read_text(encoding="utf-8")
    plain = bundle._EXPORT.sub("", bundle._IMPORT.sub("", text))
    assert not re.findall(r"^(?:import|export)\b.*", plain, re.MULTILINE)
    assert "import.meta" not in plain
    for below in bundle._imports(name):
        assert name not in bundle._needed(below), f"{name} and {below} import each other"


@pytest.mark.parametrize("name", _SCRIPTS)
def test_what_a_module_takes_is_among_what_the_other_gives(name: str) -> None:
    for taken, path in bundle._IMPORT.findall((PAGE / name).read_text(encoding="utf-8")):
        other = bundle._resolved(name, path)
        given = {one for _, one in bundle._EXPORT.findall((PAGE / other).read_text("utf-8"))}
        names = {one.split(" as ")[0].strip() for one in taken.split(",")}
        assert names <= given, f"{name} takes {names - given} from {other}"


@pytest.mark.parametrize("name", _PAGES)
def test_a_bundle_has_each_module_once_and_none_of_the_shell(name: str) -> None:
    marks = [
        [module_at(text, found.end()) for found in re.finditer("// From ", text)]
        for text in (bundled("app.js"), bundled(name))
    ]
    assert marks[0][-1] == "app.js" and marks[1][-1] == name
    assert len({*marks[0], *marks[1]}) == len(marks[0]) + len(marks[1])
    assert {*marks[0], *marks[1]} >= set(bundle._needed(name))


def test_a_place_in_a_bundle_is_told_by_its_module() -> None:
    text = bundled("pages/map.js")
    assert module_at(text, text.index("function itemsOf")) == "map_data.js"
    assert module_at(text, 0) == ""


@pytest.mark.slow
def test_a_bundle_is_packed_and_sent_once(page: Page) -> None:
    address = "/static/bundle/pages/map.js"
    script = (
        "const [address, done] = arguments; fetch(address).then(async (answer) => done("
        "[answer.status, answer.headers.get('content-encoding'), answer.headers.get('etag')]))"
    )
    status, packed, tag = page.driver.execute_async_script(script, address)
    assert (status, packed) == (200, "gzip") and tag
    script = (
        "const [address, tag, done] = arguments; fetch(address, {headers: {'If-None-Match': tag}})"
        ".then((answer) => done(answer.status))"
    )
    assert page.driver.execute_async_script(script, address, tag) == 304
    for none in ("/static/bundle/../guard.py", "/static/bundle/none.js", "/static/bundle/dom"):
        assert page.driver.execute_async_script(script, none, "") == 404


@pytest.mark.slow
def test_every_bundle_runs_and_shares_what_is_one(page: Page) -> None:
    names = page.driver.execute_async_script(
        "const [pages, done] = arguments;"
        "Promise.all(pages.map((name) => import(`/static/bundle/${name}`)))"
        ".then((found) => done(found.map((one) => Object.keys(one))), (error) => done(`${error}`))",
        _PAGES,
    )
    assert names == [["show"]] * len(_PAGES)
    assert page.problems() == []
