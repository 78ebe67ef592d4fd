"""Kernels that ship compiled: used where they fit, refused with a reason where they do not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from numba.core.codegen import get_host_cpu_features

from compiled.build import _wheel
from mycaffe_py.kernels import shipped
from tests.kernels.test_jit import KERNEL

V3 = ",".join(f"+{feature}" for feature in shipped.LEVELS["x86-64-v3"])
V4 = ",".join(f"+{feature}" for feature in shipped.LEVELS["x86-64-v4"])
HOST = get_host_cpu_features()

COLLECT = """
import sys
import numpy as np
from pathlib import Path
from compiled.collect import keep_code, write_set
code = {}
keep_code(code)
from written_kernel import doubled
doubled(np.ones(2, "f4"), np.zeros(2, "f4"))
assert len(code) == 1
write_set(code, sys.argv[1], Path(sys.argv[2]))
"""
CALL = """
import numpy as np
from mycaffe_py.kernels.shipped import refusal
from written_kernel import doubled
y = np.zeros(2, "f4")
doubled(np.ones(2, "f4"), y)
assert y.tolist() == [2, 2]
print(sum(doubled.stats.cache_hits.values()), refusal())
"""


def test_the_highest_level_that_all_lists_have_is_taken() -> None:
    assert shipped.level_of(V3, V3) == "x86-64-v3"
    assert shipped.level_of(V4, V4) == "x86-64-v4"
    assert shipped.level_of(f"{V4},+amx-tile", V4) == "x86-64-v4"


@pytest.mark.parametrize("feature", sorted(shipped.LEVELS["x86-64-v3"]))
def test_a_level_of_which_one_feature_is_missing_is_not_taken(feature: str) -> None:
    less = V3.replace(f"+{feature},", f"-{feature},") + ","
    less = less.replace(f"+{feature},", f"-{feature},")
    assert shipped.level_of(less, V3) == ""
    assert shipped.level_of(V3, less) == ""


def test_code_with_short_vectors_is_not_mixed_with_long_ones() -> None:
    """vector.py takes 64 bytes where there is avx512f, whatever else is missing."""
    assert shipped.level_of(f"{V3},+avx512f", f"{V3},+avx512f") == ""
    assert shipped.level_of(V4, V3) == ""


def test_what_code_was_made_for_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    note = shipped.made_for()
    assert shipped.different(note) == ""
    assert "for numba 0.1, and this is" in shipped.different(note | {"numba": "0.1"})
    assert "for python ?" in shipped.different({"system": note["system"]})
    assert "other sources" in shipped.different(note | {"kernels": "0"})


@pytest.fixture
def run(tmp_path: Path):
    """Runs a script beside a kernel and, where it was made, a package; on an empty cache."""
    (tmp_path / "written_kernel.py").write_text(KERNEL)
    root = Path(__file__).parents[2]

    def run(script: str, *arguments: str, **settings: str) -> str:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(tmp_path), str(root)]),
            "NUMBA_CACHE_DIR": str(tmp_path / f"cache{len(list(tmp_path.iterdir()))}"),
            **settings,
        }
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            env=environment, capture_output=True, text=True, check=True, cwd=tmp_path,
        )  # fmt: skip
        (tmp_path / f"done{len(list(tmp_path.iterdir()))}").mkdir()
        return done.stdout.strip()

    return run


@pytest.mark.slow
@pytest.mark.skipif(not shipped.level_of(HOST), reason="this processor has none of the levels")
def test_a_set_is_used_without_compiling_and_refused_where_it_does_not_fit(
    run, tmp_path: Path
) -> None:
    package = tmp_path / shipped.PACKAGE
    package.mkdir()
    (package / "__init__.py").touch()
    run(COLLECT, shipped.level_of(HOST), str(package))
    note = package / shipped.NOTE
    note.write_text(json.dumps(shipped.made_for()))
    assert run(CALL) == "1"
    # A level whose vectors numba is told not to use.
    told = run(CALL, NUMBA_CPU_NAME="x86-64", NUMBA_CPU_FEATURES="+sse2")
    assert told.startswith("0 this processor has not all")
    note.write_text(json.dumps(shipped.made_for() | {"numba": "0.1"}))
    assert run(CALL).startswith("0 they are for numba 0.1")
    note.write_text("{")
    assert run(CALL).startswith("0 they cannot be read")
    note.unlink()
    assert run(CALL).startswith("0 they cannot be read")


@pytest.mark.slow
def test_pip_takes_the_wheel(tmp_path: Path) -> None:
    wheel = _wheel({f"{shipped.PACKAGE}/__init__.py": b""}, tmp_path)
    target = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, "--target", str(target), str(wheel)], check=True)
    assert (target / shipped.PACKAGE / "__init__.py").is_file()
