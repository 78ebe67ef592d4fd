"""What the extra `studio` adds, and what is told without it."""

from __future__ import annotations

import subprocess
import sys
import zlib
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest

pytest.importorskip("starlette")

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

MOST_DISTRIBUTIONS, MOST_BYTES = 8, 2_000_000


def _needed(names: list[str]) -> dict[str, Distribution]:
    """The distributions called `names`, and all that they need."""
    found: dict[str, Distribution] = {}
    todo = [canonicalize_name(name) for name in names]
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = distribution(name)
            todo += list(_requirements(found[name]))
    return found


def _requirements(of: Distribution, extra: str = "") -> Iterator[str]:
    for line in of.requires or ():
        wanted = Requirement(line)
        plain = wanted.marker is None or wanted.marker.evaluate({"extra": extra})
        if plain and not (extra and "extra" not in str(wanted.marker)):
            yield canonicalize_name(wanted.name)


def test_the_extra_adds_few_small_packages() -> None:
    ours = distribution("mycaffe-py")
    extra = list(_requirements(ours, "studio"))
    assert sorted(extra) == ["starlette", "uvicorn"]
    added = _needed(extra).keys() - _needed(list(_requirements(ours))).keys()
    assert len(added) <= MOST_DISTRIBUTIONS, sorted(added)
    assert sum(map(_packed_bytes, added)) <= MOST_BYTES


def _packed_bytes(name: str) -> int:
    """About the size of its wheel: what it holds, packed, without what Python compiled since."""
    found = distribution(name)
    paths = [Path(str(found.locate_file(file))) for file in found.files or ()]
    assert paths, f"{name} does not tell its files"
    return sum(
        len(zlib.compress(path.read_bytes()))
        for path in paths
        if path.is_file() and path.suffix != ".pyc"
    )


@pytest.mark.slow
@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_without_the_extra_one_line_says_what_to_install(tmp_path: Path, missing: str) -> None:
    blocked = f"No module named '{missing}'"
    (tmp_path / f"{missing}.py").write_text(f"raise ModuleNotFoundError({blocked!r})\n")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); sys.argv = ['mycaffe', 'studio']; "
        "import runpy; runpy.run_module('mycaffe_py', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert f"the studio needs the package '{missing}'" in done.stderr
    assert "pip" in done.stderr and "[studio]" in done.stderr
