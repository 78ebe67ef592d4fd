"""What the pages say of a run: the command's own figures, each with how many; stand-in data."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By

from tests.studio.conftest import Page

pytestmark = pytest.mark.slow
RUN = "snapshots/siamese_28x28"
# Rates on the page that stand nowhere near what they are of. A scale of a drawing is no rate.
_LONELY = r"""
const many = /(\bof|mean of) [\d,]+|[\d,]+ (items|pairs|queries)/, found = [];
const walk = document.createTreeWalker(document.getElementById('main'), NodeFilter.SHOW_TEXT);
for (let node = walk.nextNode(); node; node = walk.nextNode()) {
  const at = node.parentElement;
  if (!/\d ?%/.test(node.data) || at.closest('svg, pre, code, option')) continue;
  if (!at.checkVisibility()) continue;
  const near = at.closest('tr, .figures > div, li, figure, p, label');
  const head = at.closest('table')?.tHead?.innerText || '', all = at.closest('.figures')?.innerText;
  const is = near && (many.test(near.innerText) || many.test(head) || /items|\bn\b/.test(head));
  if (!is && !/items/.test(all || '')) found.push((near || at).innerText);
}
return found;
"""


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> tuple[Path, dict[str, Any]]:
    """A folder with a run on stand-in data, and what `test-many --json` says of it."""
    folder = tmp_path_factory.mktemp("trained")

    def mycaffe(*words: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "mycaffe_py", *words],
            capture_output=True, text=True, check=True, env=environment, cwd=folder,
        ).stdout  # fmt: skip

    mycaffe("template", "copy", "siamese_28x28")
    text = folder / "siamese_28x28.solver"
    text.write_text(text.read_text().replace("test_interval: 500", "test_interval: 30"))
    mycaffe("train", "--solver", text.name, "--iterations", "60", "--seed", "1", "--film")
    mycaffe("threshold")
    return folder, json.loads(mycaffe("test-many", "--json", "--record"))


@pytest.fixture
def tested(page: Page, trained: tuple[Path, dict[str, Any]]) -> dict[str, Any]:
    """The run in the studio's folder, and what the command says of it."""
    folder, told = trained
    shutil.copytree(folder, page.studio.folder, dirs_exist_ok=True)
    return told


def test_the_figures_are_those_of_the_command(page: Page, tested: dict[str, Any]) -> None:
    page.open(f"/run/{RUN}/test")
    figures = page.find(".figures", "wrong").text.split("\n")
    shown = dict(zip(figures[::2], figures[1::2], strict=True))
    assert shown["accuracy"] == f"{100 * tested['accuracy']:.2f} %"
    assert shown["items"] == f"{tested['n']:,}"
    labels = {}
    for row in page.driver.find_elements(By.CSS_SELECTOR, "[aria-labelledby=labels] tbody tr"):
        cells = [one.text for one in row.find_elements(By.CSS_SELECTOR, "th, td")]
        labels[cells[0]] = (cells[1], cells[3])
    assert labels == {
        name: (f"{one['n']:,}", f"{100 * one['accuracy']:.2f} %")
        for name, one in tested["per_label"].items()
    }
    rows = page.driver.find_elements(By.CSS_SELECTOR, ".confusion tbody tr")
    counts = [[cell.text for cell in row.find_elements(By.TAG_NAME, "td")] for row in rows]
    assert counts == [[f"{n:,}" if n else "·" for n in row] for row in tested["confusion"]]


def test_every_rate_says_of_how_many_and_every_page_that_the_data_stand_in(
    page: Page, tested: dict[str, Any]
) -> None:
    assert tested["stand_in"]
    shown = {
        "/": "mean of", "/runs": "mean of", f"/run/{RUN}": "mean of", f"/run/{RUN}/test": "360",
        f"/run/{RUN}/map": "of digits28.testing", f"/run/{RUN}/try": "of digits28.testing",
        f"/compare?run={RUN}": "of 360",
    }  # fmt: skip
    for path, words in shown.items():
        page.open(path)
        page.sees(words)
        page.find("p.notice", "digits28.testing for MNIST.testing")
        assert page.driver.execute_script(_LONELY) == [], path
    assert page.problems() == []


def test_the_rule_finds_a_rate_that_stands_alone(page: Page) -> None:
    page.find("h1")
    page.driver.execute_script(
        "const p = document.createElement('p'); p.textContent = 'accuracy 97 %';"
        "document.getElementById('main').append(p)"
    )
    assert page.driver.execute_script(_LONELY) == ["accuracy 97 %"]
