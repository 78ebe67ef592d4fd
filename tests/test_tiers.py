"""The everyday tier, `pytest -m "not slow"`, has most tests and every layer; the order of all."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from mycaffe_py.layers import layer_types
from tests.longest_first import LONGEST, sort

ROOT = Path(__file__).parents[1]
LEAST_TESTS = 5_000


def _layers(ids: str) -> set[str]:
    """The layer types whose examples are tested by the ids."""
    return set(re.findall(r"test_every_layer\.py::test_tops_as_planned\[(\w+)\]", ids))


def _everyday_ids(session: pytest.Session) -> list[str]:
    """The tests of the everyday tier: of this session if it has all tests, else collected anew."""
    chosen = session.config.option
    places = [(session.config.invocation_params.dir / arg).resolve() for arg in session.config.args]
    if places == [ROOT / "tests"] and not (chosen.keyword or chosen.markexpr):
        return [one.nodeid for one in session.items if not one.get_closest_marker("slow")]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0", "-m", "not slow"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "tests"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in done.stdout.splitlines() if "::" in line]


@pytest.mark.slow
def test_the_everyday_tier_has_most_tests_and_every_layer(request: pytest.FixtureRequest) -> None:
    ids = _everyday_ids(request.session)
    assert len(ids) >= LEAST_TESTS
    assert set(layer_types) - _layers("\n".join(ids)) == set()


def test_a_layer_is_known_by_the_id_of_its_example() -> None:
    ids = "tests/layers/test_every_layer.py::test_tops_as_planned[ReLU]\n" + (
        "tests/layers/test_every_layer.py::test_tops_as_planned[LSTM of many inputs]\n"
    )
    assert _layers(ids) == {"ReLU"}


def test_the_longest_files_are_there_and_come_first(request: pytest.FixtureRequest) -> None:
    assert not [name for name in LONGEST if not (ROOT / name).is_file()]
    names = ["tests/a.py::x", f"{LONGEST[1]}::x", "tests/b.py::x", f"{LONGEST[0]}::y[1::2]"]
    items = [SimpleNamespace(nodeid=name) for name in names]
    sort(items)  # type: ignore[arg-type]
    assert [item.nodeid for item in items] == [names[3], names[1], names[0], names[2]]
    # Else the processes would take the files with the most tests first.
    assert not request.config.option.loadscopereorder
