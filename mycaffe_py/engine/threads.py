"""How many threads the kernels use. Results do not depend on it.

Kernels split work so that every sum keeps its order. A BLAS does not promise that, so it is told
to use one thread. That has an effect only before numpy is imported for the first time.
"""

from __future__ import annotations

import os

from mycaffe_py.errors import UserError

_BLAS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

# How mpiexec of MPICH and of Open MPI tell the number of processes on a machine.
_ON_MACHINE = ("MPI_LOCALNRANKS", "OMPI_COMM_WORLD_LOCAL_SIZE")

# A thread that waits for the others looks again and again whether there is work. After this many
# looks it gives its core away. They last a little longer than the interpreter takes from one kernel
# to the next, as waking a thread takes 40 us, ten times a step. By default it looks for ever, and
# then a run takes four times as long on a machine that is busy with other things.
_SPINS = "10000"


def set_threads(count: int | None) -> int:
    """Let kernels use `count` threads, None for one on each core; return the number.

    Processes that a launcher has started on one machine share its cores.
    """
    for name in _BLAS:
        os.environ[name] = "1"
    wait_briefly()
    import numba

    most = int(vars(numba.config)["NUMBA_NUM_THREADS"])
    wanted = max(1, most // _beside()) if count is None else count
    if not 1 <= wanted <= most:
        raise UserError(
            f"{count} threads",
            wanted=f"from 1 to {most} are possible here",
            do="NUMBA_NUM_THREADS in the environment raises the limit." if wanted > most else "",
        )
    numba.set_num_threads(wanted)
    return wanted


def _beside() -> int:
    """Processes on this machine that a launcher has started together."""
    told = next((os.environ[name] for name in _ON_MACHINE if name in os.environ), "")
    return int(told) if told.isdigit() and int(told) else 1


def wait_briefly() -> None:
    """Let threads without work soon give their cores away; before numba starts any."""
    os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)
