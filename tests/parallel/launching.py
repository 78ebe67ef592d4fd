"""Starts programs by mpiexec."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import mpi4py

ROOT = Path(__file__).parents[2]
# The environment that mpi4py was installed into has the mpiexec that belongs to it.
PREFIX = Path(mpi4py.__file__).parents[4]


def environment(**more: str) -> dict[str, str]:
    """Ours and `more`, with two threads at least, and the library beside mpiexec."""
    library = PREFIX / "lib/libmpi.so.12"
    if library.exists():
        more["MPI4PY_LIBMPI"] = str(library)
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "NUMBA_NUM_THREADS": "2", "PYTHONPATH": os.pathsep.join(paths), **more}


def command(processes: int, module: str, *words: str) -> list[str]:
    """The command line for `python -m MODULE WORDS` on so many processes."""
    launcher = str(PREFIX / "bin/mpiexec")
    return [launcher, "-n", str(processes), sys.executable, "-m", module, *words]


def launch(
    processes: int, module: str, *words: str, cwd: Path | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        command(processes, module, *words),
        env=environment(**more),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
