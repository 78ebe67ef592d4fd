"""How many threads the kernels use. Results do not depend on it.

Kernels split work so that every sum keeps its order. A BLAS does not promise that, so it is told
to use one thread. That has an effect only before numpy is imported for the first time.
"""

from __future__ import annotations

import os
import re

from mycaffe_py.errors import UserError

_BLAS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

# How mpiexec of MPICH and of Open MPI tell the number of processes on a machine.
_ON_MACHINE = ("MPI_LOCALNRANKS", "OMPI_COMM_WORLD_LOCAL_SIZE")
# srun tells that of each machine, "2(x3),1" for three of two and one of one; the cores that one
# process was asked for, where it was said; and those of the job on this machine.
_OF_SLURM = "SLURM_STEP_TASKS_PER_NODE"
_CORES_EACH, _CORES = "SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE"

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
    wanted = _share(most) if count is None else count
    if not 1 <= wanted <= most:
        raise UserError(
            f"{count} threads",
            wanted=f"from 1 to {most} are possible here",
            do="NUMBA_NUM_THREADS in the environment raises the limit." if wanted > most else "",
        )
    numba.set_num_threads(wanted)
    return wanted


def _share(most: int) -> int:
    """How many of `most` cores are for this process, beside others of the launcher's."""
    for name in _ON_MACHINE:
        if name in os.environ:
            return max(1, most // _number(name, 1))
    tasks = max(
        map(int, re.findall(r"(\d+)(?:\(x\d+\))?", os.environ.get(_OF_SLURM, ""))), default=1
    )
    if tasks <= 1:
        return most
    # srun may have bound each process to cores of its own: then all that it sees are its own.
    each = _number(_CORES_EACH, max(1, _number(_CORES, most) // tasks))
    return min(most, each)


def _number(name: str, otherwise: int) -> int:
    """What the environment tells under `name`, at least 1."""
    told = os.environ.get(name, "")
    return int(told) if told.isdigit() and int(told) else otherwise


def wait_briefly() -> None:
    """Let threads without work soon give their cores away; before numba starts any."""
    os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)
