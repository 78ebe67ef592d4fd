"""Where the class of a Python layer comes from, and what `import caffe` means in its module."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.layers.user.python_error import UserCodeError
from mycaffe_py.layers.user.python_import import importing_from, load_class

CODE = """
from mycaffe_py.layers.user.python_layer import Layer


class Own(Layer):
    where = "NAME"

    def reshape(self, bottom, top):
        pass

    def forward(self, bottom, top):
        pass
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A name that no module has after the test either."""
    name = f"layers_of_{tmp_path.name}"
    monkeypatch.setitem(sys.modules, name, sys)
    monkeypatch.delitem(sys.modules, name)
    return name


def _write(folder: Path, module: str, code: str = CODE) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{module}.py"
    path.write_text(code.replace("NAME", folder.name))
    return path


def test_the_first_folder_has_its_say_and_the_path_stays(tmp_path: Path, module: str) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in reversed(folders):
        _write(folder, module)
    before = list(sys.path), list(sys.meta_path)
    found = load_class(module, "Own", folders)
    assert found.where == "one"  # type: ignore[attr-defined]
    assert (sys.path, sys.meta_path) == before
    assert load_class(module, "Own", []) is found, "a loaded module is used as it is"


def test_modules_beside_it_are_found(tmp_path: Path, module: str) -> None:
    _write(tmp_path, f"{module}_base")
    _write(tmp_path, module, f"from {module}_base import Own\n")
    assert load_class(module, "Own", [tmp_path]).__module__ == f"{module}_base"
    del sys.modules[f"{module}_base"]


def test_a_missing_module(tmp_path: Path, module: str) -> None:
    with pytest.raises(UserError) as caught:
        load_class(module, "Own", [tmp_path, tmp_path])
    assert f"there is no module '{module}'; it was looked for in '{tmp_path}' and where" in str(
        caught.value
    )
    assert not isinstance(caught.value, UserCodeError)


@pytest.mark.parametrize(
    "code, words, line",
    [
        ("import nothing_of_that_name\n", "raised ModuleNotFoundError", 1),
        ("\n1 / 0\n", "raised ZeroDivisionError: division by zero", 2),
        ("\n\ndef f(:\n", "raised SyntaxError", 3),
    ],
)
def test_what_the_module_raises(
    tmp_path: Path, module: str, code: str, words: str, line: int
) -> None:
    path = _write(tmp_path, module, code)
    before = list(sys.path)
    with pytest.raises(UserCodeError) as caught:
        load_class(module, "Own", [tmp_path])
    assert words in str(caught.value)
    assert f"{path}:{line})" in str(caught.value)
    assert caught.value.__cause__ is not None
    assert sys.path == before


@pytest.fixture
def no_caffe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is loaded under the name caffe, and nothing will stay so."""
    names = [name for name in sys.modules if name == "caffe" or name.startswith("caffe.")]
    for name in [*names, "caffe"]:
        monkeypatch.setitem(sys.modules, name, sys)
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.usefixtures("no_caffe")
def test_caffe_is_our_package(tmp_path: Path, module: str) -> None:
    package = importlib.import_module("mycaffe_py.pycaffe")
    spec = package.__spec__
    _write(tmp_path, module, CODE + "\nimport caffe\nimport caffe.io\n")
    load_class(module, "Own", [tmp_path])
    assert sys.modules[module].caffe is package
    assert package.__spec__ is spec and package.__name__ == "mycaffe_py.pycaffe"


@pytest.mark.usefixtures("no_caffe")
def test_an_installed_caffe_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "caffe.py").write_text("MARK = 1\n")
    with importing_from([tmp_path]):
        assert importlib.import_module("caffe").MARK == 1
