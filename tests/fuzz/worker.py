"""Reads damaged files, in a process of its own, as a crash or a hang would take its process along.

It is told a reader, a seed, the numbers of its inputs and a folder; it writes one line before each
input, one for each defect, and at last its figures.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import time
import traceback
from pathlib import Path
from random import Random

from mycaffe_py.errors import MyCaffeError
from tests.fuzz.mutate import damaged
from tests.fuzz.reader import Reader, reader

# What a reader may take beyond what the process has when it begins.
MOST_BYTES = 1536 << 20
# What one input may take of the processor; waiting for a turn on a busy machine is no defect.
MOST_CPU_S = 20.0


def input_of(name: str, found: Reader, samples: list[bytes], seed: int, number: int) -> bytes:
    """The damaged file of that number."""
    random = Random(f"{seed}/{name}/{number}")
    if found.damage is not None and (found.always or number % 2):
        return found.damage(samples, random)
    return damaged(samples, found.words, random)


def samples_of(found: Reader, folder: Path) -> list[bytes]:
    """The content of the reader's valid files, made in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    return found.samples(folder)


def main(name: str, seed: int, first: int, last: int, folder: Path) -> None:
    """Read the inputs first to last - 1."""
    told = os.fdopen(os.dup(1), "w", buffering=1)
    _silence(1)
    found = reader(name)
    samples = samples_of(found, folder / "samples")
    place = folder / "read"
    place.mkdir(exist_ok=True)
    if found.prepare is not None:
        found.prepare(place)
    path = place / found.file
    for sample in samples:
        path.write_bytes(sample)
        # A whole file may be of a kind that is refused, but for nothing else.
        with contextlib.suppress(*found.allowed):
            found.read(path)
    _silence(2)
    _limit()
    before = _peak()
    slowest = {"slowest_s": 0.0, "slowest_cpu_s": 0.0, "slowest": first}
    for number in range(first, last):
        path.write_bytes(input_of(name, found, samples, seed, number))
        print(number, file=told)
        started, spent = time.perf_counter(), time.process_time()
        defect = _defect(found, path)
        taken, spent = time.perf_counter() - started, time.process_time() - spent
        if taken > slowest["slowest_s"]:
            slowest = {"slowest_s": taken, "slowest_cpu_s": spent, "slowest": number}
        if spent > MOST_CPU_S:
            defect = defect or f"it took {spent:.0f} s of the processor"
        if defect:
            print(json.dumps({"number": number, "defect": defect}), file=told)
    figures = {"peak_bytes": _peak(), "grown_bytes": _peak() - before}
    print(json.dumps(slowest | figures), file=told)


def _defect(found: Reader, path: Path) -> str:
    """The traceback of an error that no reader may end with, else ""."""
    try:
        found.read(path)
    except (MyCaffeError, *found.allowed):
        return ""
    except BaseException:
        return traceback.format_exc()
    return ""


def _silence(stream: int) -> None:
    """Readers tell of what they find; nobody listens here."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream)
    os.close(null)


def _limit() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MOST_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]), Path(sys.argv[5]))
