"""The page: all data in it, nothing from elsewhere, names that try to break it."""

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.evaluate.film.page import write_page
from mycaffe_py.evaluate.film.show import make_show
from tests.evaluate.film.made import NAMES, made_film


@pytest.fixture(params=[2, 10])
def page(request, tmp_path):
    film = made_film(request.param, stand_in="MNIST.testing")
    show = make_show(film, "<b>run</b>")
    write_page(show, film.head.records, tmp_path / "x.html", dark=None)
    return show, (tmp_path / "x.html").read_text()


def parts(text: str) -> tuple[dict, str]:
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", text, re.DOTALL)
    assert len(scripts) == 2
    return json.loads(scripts[0][1]), scripts[1][1]


def test_it_holds_every_place_of_every_frame(page) -> None:
    show, text = page
    data, _ = parts(text)
    for name in ("points", "centroids"):
        rows = np.frombuffer(base64.b64decode(data[name]), "<f4")
        wanted = getattr(show.space, name)
        assert np.array_equal(rows.reshape(wanted.shape), wanted, equal_nan=True)
    assert data["iterations"] == [0, 10, 20, 30]
    assert data["column"] == show.column.tolist()
    assert data["records"] == list(range(50, 71))
    assert [look["name"] for look in data["classes"]] == list(NAMES.values())
    assert data["loss"]["values"] == list(show.loss.values)
    assert data["caption"] == list(show.caption)
    assert data["warning"] == "STAND-IN DATA: d.testing instead of MNIST.testing"


def test_it_loads_nothing(page) -> None:
    _, text = page
    data, _ = parts(text)
    rest = text.replace(data["points"], "").replace(data["centroids"], "")
    assert not re.search(r"https?:|//[a-z]|\bsrc=|\bhref=|@import|url\(|\bimport\b|fetch\(", rest)
    assert "@DATA@" not in text
    assert "<title>&lt;b&gt;run&lt;/b&gt;</title>" in text


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node to read the script")
def test_its_script_can_be_read(page, tmp_path: Path) -> None:
    _, script = parts(page[1])
    (tmp_path / "x.js").write_text(script)
    subprocess.run(["node", "--check", str(tmp_path / "x.js")], check=True)


def test_what_people_need_without_a_mouse_is_there(page) -> None:
    _, text = page
    for part in ('tabindex="0"', "aria-label", "aria-pressed", 'type="range"', "ArrowLeft"):
        assert part in text
