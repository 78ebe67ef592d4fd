"""The cache on disk: each signature has its own file, whatever processes write at the same time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mycaffe_py.kernels import jit
from mycaffe_py.kernels.disk_cache import Files, stamp_of

KERNEL = """
from mycaffe_py.kernels.jit import kernel

@kernel
def doubled(x, y_out):
    for i in range(x.shape[0]):
        y_out[i] = x[i] + x[i]
"""
CALL = """
import sys
import numpy as np
from written_kernel import doubled
y = np.zeros(2, sys.argv[1])
doubled(np.ones(2, sys.argv[1]), y)
assert y.tolist() == [2, 2]
print(y.dtype, sum(doubled.stats.cache_hits.values()))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "written_kernel.py").write_text(KERNEL)
    return tmp_path


def call(folder: Path, dtype: str) -> list[str]:
    """Run the kernel in a process of its own: its dtype, and signatures read from disk."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "NUMBA_CACHE_DIR": str(folder / "c")}
    done = subprocess.run(
        [sys.executable, "-c", CALL, dtype],
        env=environment, capture_output=True, text=True, check=True, cwd=folder,
    )  # fmt: skip
    return done.stdout.split()


@pytest.mark.slow
def test_signatures_are_cached_side_by_side(folder: Path) -> None:
    for dtype, hits in [("float32", "0"), ("float64", "0"), ("float32", "1"), ("float64", "1")]:
        assert call(folder, dtype) == [dtype, hits]
    assert len(list((folder / "c").rglob("*.nbc"))) == 2


WITHOUT_A_FOLDER = f"""
from numba.core import caching
caching.CacheImpl._locator_classes = []  # as where nothing can be written, root or not
{CALL}
from mycaffe_py.kernels.disk_cache import why_not_kept
print(why_not_kept())
"""
FULL = f"""
import errno
from mycaffe_py.kernels import disk_cache

def full(self, key, data):
    raise OSError(errno.ENOSPC, "No space left on device")

disk_cache.Files.save = full
{CALL}
print(disk_cache.why_not_kept())
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "why"),
    [
        (WITHOUT_A_FOLDER, "no folder for them can be written; NUMBA_CACHE_DIR=FOLDER in the"),
        (FULL, "cannot be written: No space left on device"),
    ],
)
def test_what_cannot_be_kept_works_all_the_same(folder: Path, program: str, why: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(folder), "NUMBA_CACHE_DIR": str(folder / "c")}
    done = subprocess.run(
        [sys.executable, "-c", program, "float32"],
        env=environment, capture_output=True, text=True, check=True, cwd=folder,
    )  # fmt: skip
    assert done.stdout.startswith("float32 0\n") and why in done.stdout


def test_writers_that_do_not_see_each_other_take_different_files(tmp_path: Path) -> None:
    first, second = (Files(str(tmp_path), "k", "stamp") for _ in range(2))
    first.save(("float32",), "code of float32")
    second.save(("float64",), "code of float64")
    reader = Files(str(tmp_path), "k", "stamp")
    assert reader.load(("float32",)) == "code of float32"
    assert reader.load(("float64",)) == "code of float64"
    assert reader.load(("int64",)) is None
    assert len(list(tmp_path.glob("*.nbc"))) == 2


def test_a_signature_saved_again_replaces_its_file(tmp_path: Path) -> None:
    """As code of other sources is, which is not taken for that of these."""
    Files(str(tmp_path), "k", "earlier").save(("float32",), "old")
    files = Files(str(tmp_path), "k", "stamp")
    assert files.load(("float32",)) is None
    files.save(("float32",), "new")
    assert files.load(("float32",)) == "new"
    assert len(list(tmp_path.glob("*.nbc"))) == 1


@pytest.mark.parametrize("kept", [0, 3, -3])
def test_a_damaged_file_is_compiled_anew(tmp_path: Path, kept: int) -> None:
    """As where a disk was full, or has failed."""
    files = Files(str(tmp_path), "k", "stamp")
    files.save(("float32",), "code")
    (path,) = tmp_path.glob("*.nbc")
    path.write_bytes(path.read_bytes()[:kept])
    assert files.load(("float32",)) is None


def test_arguments_of_another_kind_have_another_name() -> None:
    """What a file is named after tells all kinds of arrays apart."""
    from numba import types

    kinds = [
        types.Array(dtype, ndim, layout, readonly=readonly, aligned=aligned)
        for dtype in (types.float32, types.float64)
        for ndim in (1, 2)
        for layout in "CA"
        for readonly in (False, True)
        for aligned in (False, True)
    ]
    kinds += [types.UniTuple(types.int64, n) for n in (1, 2)]
    assert len({repr((kind,)) for kind in kinds}) == len(kinds)


def test_without_the_compiler_kernels_are_plain_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    """NUMBA_DISABLE_JIT=1 is how a debugger gets into a kernel."""
    import numba

    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)

    def one(x: float) -> float:
        return x + 1

    assert jit.kernel(one) is one
    assert jit.parallel_kernel(one) is one


def test_a_change_of_any_kernel_is_seen_by_all(tmp_path: Path) -> None:
    """What one calls is compiled into it."""
    for name in ("a.py", "deeper/b.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x = 1")
    found = {stamp_of(tmp_path)}
    for change in ("x = 10", "y = 10"):
        (tmp_path / "deeper" / "b.py").write_text(change)
        os.utime(tmp_path / "deeper" / "b.py", ns=(len(found), len(found)))
        stamp_of.cache_clear()
        found.add(stamp_of(tmp_path))
    assert len(found) == 3
    stamp_of.cache_clear()
    files = jit.kernel(call)._cache._cache_file
    assert stamp_of(Path(jit.__file__).parent) in files._source_stamp
