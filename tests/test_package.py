"""The names that the package itself offers to programs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import mycaffe_py

HEAVY = {"numpy", "numba", "llvmlite", "PIL", "google", "tqdm", "matplotlib"}


def modules_after(code: str) -> set[str]:
    """The modules that a fresh interpreter has after `code`."""
    line = f"{code}\nimport sys\nprint(*sys.modules)"
    return set(subprocess.check_output([sys.executable, "-c", line], text=True).split())


def test_importing_it_imports_nothing_else() -> None:
    new = modules_after("import mycaffe_py") - sys.stdlib_module_names
    assert {name for name in new if name.partition(".")[0] == "mycaffe_py"} == {"mycaffe_py"}
    assert not HEAVY & {name.partition(".")[0] for name in new}


def test_an_error_can_be_caught_without_anything_heavy() -> None:
    new = modules_after("from mycaffe_py import UserError")
    assert not HEAVY & new


def test_every_name_is_there_and_told_by_dir() -> None:
    assert set(mycaffe_py.__all__) <= set(dir(mycaffe_py))
    for name in mycaffe_py.__all__:
        assert getattr(mycaffe_py, name) is not None


def test_another_name_is_an_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        _ = mycaffe_py.lode


def test_the_types_are_those_of_the_names() -> None:
    stub = Path(mycaffe_py.__file__).with_suffix(".pyi").read_text()
    told = {}
    for node in ast.parse(stub).body:
        if isinstance(node, ast.ImportFrom):
            told |= {alias.name: f"{node.module}" for alias in node.names}
    places = {name: f"mycaffe_py.{place}" for name, place in mycaffe_py._PLACES.items()}
    assert told == places
    assert sorted([*places, "__version__"], key=str) == sorted(mycaffe_py.__all__, key=str)
