"""Code that a net names is run by nobody's looking at it, and by a training after a word once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("starlette")
pytest.importorskip("selenium")

from mycaffe_py.solver.trust import trust
from mycaffe_py.studio.consent import UntrustedError, check_consent
from tests.studio.asking import client
from tests.studio.conftest import Page

NET = """layer { name: "d" type: "%s" top: "d" top: "l" %s_param { module: "mine" %s: "Made" } }
layer { name: "ip" type: "InnerProduct" bottom: "d" top: "ip"
  inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "l" top: "loss" }
"""
NETS = {
    "layer.prototxt": NET % ("Python", "python", "layer"),
    "source.prototxt": NET % ("Data", "data_param { batch_size: 2 } python_source", "function"),
}
CODE = """from pathlib import Path
import numpy
Path(__file__).with_name("ran").touch()
def Made(batch_size):
    while True:
        yield numpy.ones((1, 2, 2), numpy.float32), 1
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of somebody else's: its module leaves a mark where it is imported."""
    monkeypatch.setenv("MYCAFFE_DATA", str(tmp_path / "data"))
    # Another test of this process may have run a module of this name.
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    place = tmp_path / "nets"
    place.mkdir()
    write(place)
    return place


def write(folder: Path) -> None:
    """The texts and the module."""
    (folder / "mine.py").write_text(CODE)
    for name, text in NETS.items():
        (folder / name).write_text(text)
        (folder / name.replace(".prototxt", ".solver")).write_text(
            f'net: "{name}" base_lr: 0.01 lr_policy: "fixed" max_iter: 2\n'
        )


@pytest.mark.parametrize("name", sorted(NETS))
def test_looking_at_a_text_runs_none_of_its_code(name: str, folder: Path) -> None:
    ask = client(folder)
    solver = name.replace(".prototxt", ".solver")
    for text in (name, solver):
        content = ask("GET", "/api/text", name=text).json["content"]
        assert ask("POST", "/api/check", name=text, content=content).status == 200
    for path in ("/api/home", "/api/workspace", "/api/runs"):
        ask("GET", path)
    assert "mine" not in sys.modules and not (folder / "ran").exists()


@pytest.mark.parametrize("name", ["layer", "source"])
def test_a_training_waits_for_the_users_word(name: str, folder: Path) -> None:
    answer = client(folder)("POST", "/api/job", do="train", solver=f"{name}.solver")
    assert answer.status == 400
    code = answer.json["error"]["code"]
    assert code == {"folder": str(folder), "lines": ["layer 'd' runs mine.Made"]}
    assert not list(folder.rglob("*.json")) and not (folder / "ran").exists()
    assert client(folder)("POST", "/api/trust").json == {"folder": str(folder)}
    check_consent(folder, ["train", f"--solver=./{name}.solver"])


def test_what_mycaffe_brings_and_other_commands_need_no_word(folder: Path) -> None:
    mixtures = NETS["source.prototxt"].replace('"mine"', '"mixtures"').replace("Made", "Mixtures")
    for text, refused in ((mixtures, False), (NETS["source.prototxt"], True)):
        (folder / "source.prototxt").write_text(text)
        if refused:
            with pytest.raises(UntrustedError, match=r"layer 'd' runs mine\.Made"):
                check_consent(folder, ["train", "--solver=./source.solver"])
        else:
            check_consent(folder, ["train", "--solver=./source.solver"])
    check_consent(folder, ["template", "list"])
    check_consent(folder, ["train", "--solver=./none.solver"])
    trust(folder.parent)
    check_consent(folder, ["train", "--solver=./source.solver"])


@pytest.mark.slow
def test_pages_ask_once_before_code_runs(page: Page) -> None:
    folder = page.studio.folder
    write(folder)
    (folder / "source.solver").unlink()
    pages = ("/", "/models", "/model/layer.prototxt", "/solver/layer.solver", "/runs", "/data",
             "/compare", "/rank", "/new", "/model/source.prototxt")  # fmt: skip
    for path in pages:
        page.open(path)
        page.find("h1")
    page.find("g.box", "loss")
    page.click("button", "Train")
    page.sees("No solver of this folder trains source.prototxt")
    page.find("button", "TEST")  # the check of the other phases comes later and takes nothing away
    page.click("button", "Write source.solver")
    page.sees("for 1,000 iterations of one batch")
    page.click("button", "Train")
    page.find("dialog li", "layer 'd' runs mine.Made")
    page.click("dialog button", "Do not run it")
    page.find(".fault", "code of this folder would run")
    assert not (folder / "ran").exists()
    page.click("button", "Train")
    page.click("dialog button", "Trust this folder and train")
    page.until(lambda: "/run/snapshots/source" in page.driver.current_url, "the page of the run")
    assert (folder / "ran").exists()
