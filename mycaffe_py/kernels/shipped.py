"""Kernels that were compiled elsewhere: the package `mycaffe_py_kernels`, where it is installed.

It holds a set of machine code for each level of x86-64 (see LEVELS) and a note of what the code was
made from: compiled/build.py in the sources makes it. A set is used where every feature of its level
is there, and where Python, numba, llvmlite and the kernels' sources are those of the note; else
kernels are compiled as ever, and `refusal` says why. What a set lacks is compiled as well.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import platform
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
from numba.core.codegen import get_host_cpu_features

PACKAGE = "mycaffe_py_kernels"
NOTE = "made_for.json"

_V3 = [
    *("sse3", "ssse3", "sse4.1", "sse4.2", "popcnt", "cx16", "sahf", "avx", "avx2"),
    *("bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "xsave"),
]
_V4 = [*_V3, "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]
# What each level of x86-64 has beyond the first, by LLVM's names; the highest level first.
LEVELS = {"x86-64-v4": frozenset(_V4), "x86-64-v3": frozenset(_V3)}

# Vectors are 64 bytes long with it (vectors/vector.py), and code of v3 has been made for 32.
_WIDER_THAN_V3 = "avx512f"


class CompiledSet:
    """The kernels of one level: an index, and their code one after the other in a file."""

    def __init__(self, folder: Path, level: str) -> None:
        """Read the index."""
        self._code = folder / f"{level}.code"
        self._places = json.loads((folder / f"{level}.json").read_text(encoding="utf-8"))

    def code(self, name: str) -> bytes | None:
        """The code of this name, None if it is not there."""
        place = self._places.get(name)
        if place is None:
            return None
        start, size = place
        with self._code.open("rb") as file:
            file.seek(start)
            return file.read(size)


def name_in_set(module: str, qualname: str, key: tuple[Any, ...]) -> str:
    """What a set calls the code of a function for the signature in numba's `key`.

    The processor, which is in the key too, does not count: the level takes its place.
    """
    signature, _, hashes = key
    told = repr((module, qualname, signature, hashes))
    return hashlib.sha256(told.encode()).hexdigest()


def made_for() -> dict[str, str]:
    """What code compiled here is good for, besides its level."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("*.py")):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "python": str(sys.implementation.cache_tag),
        "numba": numba.__version__,
        "llvmlite": llvmlite.__version__,
        "kernels": digest.hexdigest(),
    }


def level_of(*told: str) -> str:
    """The highest level whose features are in all of these lists ('+avx2,-xop'), or ''."""
    lists = [set(features.split(",")) for features in told]
    for level, features in LEVELS.items():
        wide = any(f"+{_WIDER_THAN_V3}" in found for found in lists)
        if wide and _WIDER_THAN_V3 not in features:
            return ""
        if all(f"+{feature}" in found for feature in features for found in lists):
            return level
    return ""


def different(note: Mapping[str, str]) -> str:
    """In what the code of a note is not for this installation, in words; '' if in nothing."""
    here = made_for()
    for what, found in here.items():
        told = note.get(what, "")
        if told != found:
            if what == "kernels":
                return "they were made from other sources of the kernels"
            return f"they are for {what} {told or '?'}, and this is {found}"
    return ""


@cache
def _installed() -> tuple[CompiledSet | None, str]:
    """The set for this machine, or None and why not: '' if the package is not there."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None, ""
    folder = Path(spec.submodule_search_locations[0])
    configured = numba.config.CPU_FEATURES
    host = get_host_cpu_features()
    level = level_of(host, host if configured is None else configured)
    if not level:
        return None, f"this processor has not all that {' or '.join(LEVELS)} has"
    try:
        why = different(json.loads((folder / NOTE).read_text(encoding="utf-8")))
        return (None, why) if why else (CompiledSet(folder, level), "")
    except (OSError, ValueError) as error:
        return None, f"they cannot be read: {error}"


def code_in_set(module: str, qualname: str, key: tuple[Any, ...]) -> bytes | None:
    """The code of a function for numba's `key` in the set for this machine, or None."""
    found, _ = _installed()
    return None if found is None else found.code(name_in_set(module, qualname, key))


def refusal() -> str:
    """Why the installed set is not used, '' if it is, or if there is none."""
    return _installed()[1]
