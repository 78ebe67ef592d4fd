"""The compare page in a browser: two runs beside each other, and one of them once more."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from mycaffe_py.proto.templates import template_path
from mycaffe_py.snapshot.checksum import checksum
from tests.studio.conftest import Page

pytestmark = pytest.mark.slow
_FIRST, _SECOND = "snapshots/siamese_28x28", "snapshots/second"


@pytest.fixture
def runs(page: Page, environment: dict[str, str]) -> list[str]:
    """Two runs of 20 iterations that differ in the rate; the second was tested."""
    for kind, ending in (("model", "prototxt"), ("solver", "solver")):
        path = template_path(kind, "siamese_28x28")  # type: ignore[arg-type]
        shutil.copy(path, page.studio.folder / f"siamese_28x28.{ending}")
    train = [
        "train", "--solver=siamese_28x28.solver", "--iterations=20", "--film",
        *(f"--set=solver.{one}" for one in ("display=5", "test_interval=10", "test_iter=2")),
    ]  # fmt: skip
    weights = f"--snapshot={_SECOND}_iter_20.caffemodel"
    for words in (
        [*train, "--seed=1"],
        [
            *train,
            "--seed=2",
            "--set=solver.base_lr=0.02",
            f"--set=solver.snapshot_prefix={_SECOND}",
        ],
        ["test-many", weights, "--record"],
    ):
        command = [sys.executable, "-m", "mycaffe_py", *words]
        subprocess.run(
            command, cwd=page.studio.folder, env=environment, check=True, capture_output=True
        )
    return [_FIRST, _SECOND]


def test_two_runs_are_compared_and_one_is_reproduced_to_the_bit(
    page: Page, runs: list[str]
) -> None:
    page.click("header nav a", "Compare")
    for name in runs:
        page.click("ul.choices label", name)
    page.click("button", "Compare the chosen runs")
    page.find("li strong", _SECOND)
    for name in ("Loss", "Accuracy"):
        page.until(
            lambda name=name: [  # type: ignore[misc]
                line
                for line in page.find(f"section[aria-label='{name}']").find_elements(
                    "css selector", "path"
                )
                if "L" in (line.get_attribute("d") or "")
            ][1],
            f"both curves of {name}",
        )
    page.find(".part", "- base_lr: 0.02")
    page.find(".part", "+ base_lr: 0.01")
    page.sees("Stand-in data: digits28.training for MNIST.training")
    page.find("section[aria-label='Labels']", "not tested")
    page.click("button", f"Test Many: {_FIRST}")
    page.until(
        lambda: "not tested" not in page.find("section[aria-label='Labels']").text, "its figures"
    )
    page.until(
        lambda: (
            len(page.driver.find_elements("css selector", "section[aria-label='Maps'] canvas")) == 2
        ),
        "both maps",
    )
    page.click("button", f"Reproduce {_FIRST}")
    page.find("p.good", "The weights at iteration 20 are the same to the bit.")
    old = page.studio.folder / f"{_FIRST}_iter_20.caffemodel"
    new = page.studio.folder / "reproduced" / "siamese_28x28_1_iter_20.caffemodel"
    assert checksum(old) == checksum(new)
    page.sees(f"sha256 {checksum(old)}")
    _is_clean(page)


def test_without_runs_the_page_says_what_to_do(page: Page) -> None:
    page.open("/compare")
    page.sees("No net has been trained here yet")
    _is_clean(page)


def _is_clean(page: Page) -> None:
    """Nothing came from elsewhere, nothing went wrong, everybody can read it, on both grounds."""
    assert page.asked_hosts() <= {"127.0.0.1"}
    assert page.axe() == []
    page.click("button", "Light / dark")
    assert page.axe() == []
    assert page.problems() == []
