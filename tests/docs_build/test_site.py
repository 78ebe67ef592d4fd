"""The site is whole, needs nobody else, and can be read and reached by everybody."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from mycaffe_py.cli.main import commands
from mycaffe_py.layers import layer_types
from tests.studio.conftest import Page, Served

pytestmark = pytest.mark.slow

# One page of each kind: the first one, prose with code, pictures, written from the proto, from
# docstrings, from messages; and the one that other programs' tables are on.
KINDS = [
    "index.html", "caffe_files.html", "how_it_works.html", "reference/solver.html",
    "reference/layers_metric.html", "reference/mistakes.html", "results.html",
]  # fmt: skip
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}


class Read(HTMLParser):
    """What a page loads, where it leads, which places it has, its headings, its last words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = set()
        self.titles = 0
        self.images_without_words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if LOADED.get(tag, "") in found and found.get("rel", "") not in ("prev", "next"):
            self.loads.append(found[LOADED[tag]])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if "id" in found:
            self.places.add(found["id"])
        self.titles += tag == "h1"
        if tag == "img" and not found.get("alt"):
            self.images_without_words.append(found.get("src", ""))


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Read]:
    return {file: Read(file.read_text(encoding="utf-8")) for file in site.rglob("*.html")}


def _inside(page: Path, address: str) -> tuple[Path, str]:
    """The file and the place that an address of a page leads to."""
    path, place = urldefrag(unquote(address))
    return ((page.parent / path).resolve() if path else page.resolve()), place


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Read]) -> None:
    outside = re.compile(r"^(\w+:)?//")
    for page, read in pages.items():
        for address in read.loads:
            assert not outside.match(address), f"{page.name} loads {address}"
            assert address.startswith("data:") or _inside(page, address)[0].is_file(), address
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not re.findall(r"@import|url\(\s*[\"']?(?:\w+:)?//[^)]*", text), style.name


def test_every_link_leads_to_a_page_and_a_place_that_are_there(pages: dict[Path, Read]) -> None:
    by_file = {page.resolve(): read for page, read in pages.items()}
    for page, read in pages.items():
        for address in read.links:
            file, place = _inside(page, address)
            assert file in by_file, f"{page.name} leads to {address}"
            assert not place or place in by_file[file].places, f"{page.name} leads to {address}"


def test_every_page_is_reached_from_the_first(site: Path, pages: dict[Path, Read]) -> None:
    by_file = {page.resolve(): read for page, read in pages.items()}
    reached, ahead = set(), [(site / "index.html").resolve()]
    while ahead:
        page = ahead.pop()
        if page not in reached:
            reached.add(page)
            ahead += [_inside(page, address)[0] for address in by_file[page].links]
    assert reached == set(by_file)


def test_each_page_has_one_title_words_for_its_pictures_and_a_next_step(
    pages: dict[Path, Read],
) -> None:
    for page, read in pages.items():
        assert read.titles == 1, page.name
        assert not read.images_without_words, page.name
        article = (
            page.read_text(encoding="utf-8").partition("<article")[2].partition("</article")[0]
        )
        last = re.findall(r"<p>(.*?)</p>", article, re.DOTALL)[-1]
        assert last.startswith("Next: <a "), f"{page.name} ends with {last[:80]}"


def test_the_reference_has_every_layer_and_every_command(site: Path) -> None:
    layers = "".join(
        file.read_text(encoding="utf-8") for file in (site / "reference").glob("layers_*.html")
    )
    for name in layer_types:
        assert f'<h2 id="{name.lower()}">' in layers, name
    told = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    for name in commands():
        assert f'<h2 id="mycaffe-{name}">' in told, name


def test_licences_lie_beside_what_is_not_ours(site: Path) -> None:
    for name in ("mkdocs-material", "mkdocs"):
        assert "Copyright" in (site / "assets" / f"LICENSE.{name}.txt").read_text(encoding="utf-8")


def _page(driver: webdriver.Chrome, site: Path, name: str, ground: str = "light") -> Page:
    media = {"features": [{"name": "prefers-color-scheme", "value": ground}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    driver.get((site / name).as_uri())
    driver.execute_script("localStorage.clear()")
    driver.get_log("browser")
    return Page(driver, Served(site, (site / name).as_uri(), None))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "ground"),
    [*((name, "light") for name in KINDS), *((name, "dark") for name in KINDS[:3])],
)
def test_everybody_can_read_and_reach_a_page(
    driver: webdriver.Chrome, site: Path, name: str, ground: str
) -> None:
    driver.set_window_size(1440, 900)
    driver.set_script_timeout(120)
    page = _page(driver, site, name, ground)
    assert page.axe() == []
    assert page.problems() == []
    driver.set_window_size(420, 900)
    page.until(
        lambda: driver.execute_script(
            "return document.documentElement.scrollWidth <= window.innerWidth"
        ),
        "a page as wide as a narrow window",
    )


def test_the_search_works_from_files(driver: webdriver.Chrome, site: Path) -> None:
    driver.set_window_size(1440, 900)
    page = _page(driver, site, "index.html")
    page.click("input.md-search__input")
    driver.find_element(By.CSS_SELECTOR, "input.md-search__input").send_keys("contrastive")
    page.find(".md-search-result__link", "ContrastiveLoss")
    assert page.problems() == []


def test_the_sign_in_the_head_changes_the_ground(driver: webdriver.Chrome, site: Path) -> None:
    driver.set_window_size(1440, 900)
    page = _page(driver, site, "index.html")
    for ground in ("slate", "default"):
        page.click("[data-ground]")
        page.find(f"body[data-md-color-scheme={ground}]")
    assert driver.execute_script("return document.querySelectorAll('iframe').length") <= 1
