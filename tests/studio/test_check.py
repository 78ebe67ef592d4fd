"""A text is checked while it is typed: the command's own words, no code, no pixel."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.proto.templates import template_path, text_folder
from mycaffe_py.studio.check import check_model
from mycaffe_py.studio.solver_check import check_solver

SIAMESE = template_path("model", "siamese_28x28")


def test_a_net_is_told_with_its_twins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYCAFFE_OFFLINE", "1")
    found = check_model(SIAMESE, SIAMESE.read_text())
    assert set(found["nets"]) == {"TRAIN", "TEST", "RUN"}
    layers = {layer["name"]: layer for layer in found["layers"]}
    assert layers["conv1"]["twins"] == [layers["conv1_p"]["number"]]
    lines = SIAMESE.read_text().splitlines()
    assert lines[layers["conv1"]["first_line"] - 1].startswith("layer {")
    assert layers["conv1"]["fields"]["convolution_param"]["num_output"] == 20


BROKEN = [
    ('type: "Pooling"', 'type: "Poling"', "Did you mean 'Pooling'?"),
    ("num_output: 20", "num_otput: 20", "Did you mean 'num_output'?"),
    ("num_output: 20", "num_output: many", "num_output"),
    ('bottom: "conv1"', 'bottom: "conv9"', "conv9"),
    ("batch_size: 64", "batch_size: 0", "batch_size"),
    ("kernel_size: 5", "kernel_size: 500", "kernel"),
    ('top: "sim"', 'top: "sim', "closing quote"),
]


@pytest.mark.parametrize(("right", "wrong", "told"), BROKEN)
def test_a_mistake_is_that_of_the_command(
    right: str,
    wrong: str,
    told: str,
    tmp_path: Path,
    mycaffe,  # type: ignore[no-untyped-def]
) -> None:
    text = SIAMESE.read_text()
    assert right in text
    path = tmp_path / "mine.prototxt"
    path.write_text(text.replace(right, wrong, 1))
    error = check_model(path, path.read_text())["error"]
    assert error and told in error["text"] and error["line"] > 0
    assert error["text"] in mycaffe("explain", "model", str(path)).err


def test_checking_imports_no_module_that_a_text_names(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("open('ran', 'w').close()\n")
    path = tmp_path / "net.prototxt"
    layer = 'layer { name: "d" type: "Python" top: "d" python_param { module: "mine" layer: "L" } }'
    for text in (layer, layer.replace('"Python"', '"Data"').replace("python_param", "x_param")):
        check_model(path, text)
    assert not list(tmp_path.glob("**/ran"))


def test_a_broken_text_keeps_the_layers_that_can_be_read() -> None:
    found = check_model(SIAMESE, SIAMESE.read_text().replace('bottom: "conv1"', 'bottom: "x"', 1))
    assert found["error"] and len(found["layers"]) > 20 and not found["nets"]


@pytest.mark.parametrize(
    "path", sorted(text_folder("solvers").glob("*.solver")), ids=lambda p: p.name
)
def test_a_solver_is_told_in_words_and_as_a_curve(path: Path) -> None:
    found = check_solver(path, path.read_text(), path.parent)
    # Heads are trained on features of a table: their solver names no net.
    wrong = found["error"] and found["error"]["found"]
    assert wrong == ("no net is named" if path.stem == "heads" else None)
    assert found["words"]
    assert found["rates"][0][0] == 0 and len(found["rates"]) > 50


def test_a_solver_with_a_mistake_is_told() -> None:
    path = template_path("solver", "lenet")
    found = check_solver(path, path.read_text().replace('"inv"', '"iv"'), path.parent)
    assert "iv" in found["error"]["text"] and found["error"]["line"] > 0
    assert found["fields"]["base_lr"] == pytest.approx(0.01)
