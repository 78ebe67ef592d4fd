"""The everyday tier, `pytest -m "not slow"`, leaves out few tests and no layer."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mycaffe_py.layers import layer_types

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
