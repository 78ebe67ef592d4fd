"""Entries are found where they are defined, and their modules imported no sooner."""

import subprocess
import sys
from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.layers import layer_types
from mycaffe_py.registry import Registry, _homes

DEFINING = """
from mycaffe_py.registry import Registry
from {package} import known


class Thing:
    type = "{name}"
    spellings = ("{name}_Old", "Very{name}")


known.add(Thing.type, Thing())
for spelling in Thing.spellings:
    known.alias(spelling, Thing.type)
"""


@pytest.fixture
def things(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry[object]:
    """The registry of a package of two modules, One and Two."""
    package = f"things_{tmp_path.name}"
    folder = tmp_path / package
    folder.mkdir()
    (folder / "__init__.py").write_text(
        f'from mycaffe_py.registry import Registry\nknown = Registry("thing", "{package}")\n'
    )
    for name in ("One", "Two"):
        (folder / f"{name.lower()}.py").write_text(DEFINING.format(package=package, name=name))
    monkeypatch.syspath_prepend(str(tmp_path))
    registry: Registry[object] = __import__(package).known
    return registry


def imported(registry: Registry[object]) -> set[str]:
    """The modules of the registry's package that are imported."""
    begin = f"{registry.package}."
    return {name.removeprefix(begin) for name in sys.modules if name.startswith(begin)}


@pytest.mark.parametrize("name", ["One", "ONE", "one_old", "VeryOne"])
def test_only_the_module_asked_for_is_imported(things: Registry[object], name: str) -> None:
    assert things.get(name) is things.get("One")
    assert imported(things) == {"one"}


def test_all_are_listed(things: Registry[object]) -> None:
    assert list(things) == ["One", "Two"]
    assert imported(things) == {"one", "two"}


def test_all_are_counted(things: Registry[object]) -> None:
    assert len(things) == 2


def test_all_are_contained(things: Registry[object]) -> None:
    assert "two_old" in things
    assert "three" not in things
    assert 2 not in things


def test_to_ask_for_a_name_imports_nothing(things: Registry[object]) -> None:
    """The reader of a text with a mistake asks for each layer's type; numba took it 0.5 s."""
    assert things
    assert "one" in things and "VeryTwo" in things
    assert imported(things) == set()
    assert not Registry("thing")


def test_an_unknown_name_is_compared_with_all(things: Registry[object]) -> None:
    with pytest.raises(UserError, match=r"unknown thing 'Twu'.*Two"):
        things.get("Twu")


def test_names_no_source_tells_of_are_found(
    things: Registry[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where only compiled files are installed."""
    monkeypatch.setattr("mycaffe_py.registry._homes", lambda package: {})
    assert type(things.get("VeryTwo")).__name__ == "Thing"


def test_every_layer_type_has_a_home() -> None:
    """Otherwise each look-up of that type would import all layers."""
    homes = _homes("mycaffe_py.layers")
    names = {spelling for name in layer_types for spelling in layer_types.get(name).spellings}
    for name in {*layer_types, *names}:
        assert homes[name.lower()] == type(layer_types.get(name)).__module__
    assert homes.keys() == {name.lower() for name in (*layer_types, *names)}


def test_one_layer_does_not_import_the_others() -> None:
    code = (
        "import sys\nfrom mycaffe_py.layers import layer_types\nlayer_types.get('relu')\n"
        "print('mycaffe_py.layers.relu' in sys.modules, 'mycaffe_py.layers.lstm' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
