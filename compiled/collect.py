"""Compile the kernels of works.py and keep their code.

    python -m compiled.collect LEVEL FOLDER [WORK ...]

It runs with NUMBA_CPU_NAME and NUMBA_CPU_FEATURES set to the level (see build.py), on an empty
cache, and on one thread: a helping process would compile what is not seen here.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from mycaffe_py.errors import MyCaffeError
from mycaffe_py.kernels import disk_cache
from mycaffe_py.kernels.shipped import name_in_set

# Where a compiled function tells its types with the paths of this machine: nobody needs it.
_ANNOTATION = 6


def keep_code(code: dict[str, bytes]) -> None:
    """From now on numba's caches write nothing: what they would save goes into `code`."""
    # It pickles as numba's caches do, functions of other modules included.
    dumped = disk_cache.Files("", "", "")._dump

    def keep(cache: Any, signature: Any, compiled: Any) -> None:
        if not cache._impl.check_cachable(compiled):
            return
        parts = list(cache._impl.reduce(compiled))
        parts[_ANNOTATION] = ""
        function = cache._py_func
        key = cache._index_key(signature, compiled.codegen)
        code[name_in_set(function.__module__, function.__qualname__, key)] = dumped(tuple(parts))

    disk_cache.Cache._save_overload = keep  # type: ignore[method-assign]


def collected(names: list[str]) -> dict[str, bytes]:
    """Do the works that contain one of `names` (all without); the code of the kernels they use."""
    from compiled.works import works

    code: dict[str, bytes] = {}
    failed = []
    keep_code(code)
    for name, work in works():
        if names and not any(part in name for part in names):
            continue
        began, before = time.perf_counter(), len(code)
        try:
            work()
        except (MyCaffeError, RuntimeError) as error:
            failed.append(f"{name}: {error}")
        seconds = time.perf_counter() - began
        print(f"{seconds:6.1f} s, {len(code) - before:3d} new: {name}", flush=True)
    if failed:
        raise SystemExit("\n".join(failed))
    return code


def write_set(code: dict[str, bytes], level: str, folder: Path) -> None:
    """Write a set as mycaffe_py/kernels/shipped.py reads it."""
    places: dict[str, tuple[int, int]] = {}
    start = 0
    with (folder / f"{level}.code").open("wb") as file:
        for name, data in sorted(code.items()):
            places[name] = (start, len(data))
            start += file.write(data)
    (folder / f"{level}.json").write_text(json.dumps(places), encoding="utf-8")


def main() -> None:
    """Collect, and write the set."""
    level, folder, *names = sys.argv[1:]
    write_set(collected(names), level, Path(folder))


if __name__ == "__main__":
    main()
