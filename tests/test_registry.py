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


@pytest.mark.parametrize("name", ["One", "ONE"])
def test_only_the_module_asked_for_is_imported(things: Registry[object], name: str) -> None:
    assert things.get(name) is things.get("One")
    assert imported(things) == {"one"}


def test_another_spelling_is_found_among_all(things: Registry[object]) -> None:
    """A file is named like its entry; whatever else the entry is called, it says itself."""
    assert things.get("VeryOne") is things.get("One")


def test_modules_in_folders_below_are_found(things: Registry[object], tmp_path: Path) -> None:
    below = tmp_path / things.package / "family"
    below.mkdir()
    (below / "__init__.py").write_text("")
    (below / "three.py").write_text(DEFINING.format(package=things.package, name="Three"))
    assert type(things.get("Three")).__module__ == f"{things.package}.family.three"
    assert list(things) == ["One", "Three", "Two"]


def test_all_are_listed(things: Registry[object]) -> None:
    assert list(things) == ["One", "Two"]
    assert imported(things) == {"one", "two"}


def test_all_are_counted(things: Registry[object]) -> None:
    assert len(things) == 2


def test_all_are_contained(things: Registry[object]) -> None:
    assert "two_old" in things
    assert "three" not in things
    assert 2 not in things


def test_to_ask_for_a_name_imports_its_module_alone(things: Registry[object]) -> None:
    assert things
    assert imported(things) == set()
    assert "one" in things
    assert imported(things) == {"one"}
    assert not Registry("thing")


def test_an_unknown_name_is_compared_with_all(things: Registry[object]) -> None:
    with pytest.raises(UserError, match=r"unknown thing 'Twu'.*Two"):
        things.get("Twu")


def test_every_layer_type_has_a_home() -> None:
    """Otherwise each look-up of that type would import all layers."""
    homes = _homes("mycaffe_py.layers")
    for name in layer_types:
        home = homes[name.replace("_", "").lower()]
        assert home == type(layer_types.get(name)).__module__


@pytest.mark.slow
def test_one_layer_does_not_import_the_others() -> None:
    code = (
        "import sys\nfrom mycaffe_py.layers import layer_types\nlayer_types.get('relu')\n"
        "for name in ('activation.relu', 'recurrent.lstm'):\n"
        "    print(f'mycaffe_py.layers.{name}' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
