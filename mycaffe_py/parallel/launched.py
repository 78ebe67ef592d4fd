"""Whether a launcher such as mpiexec or srun has started this process among several.

It is told by the environment, so that a run without a launcher imports nothing for it.
"""

from __future__ import annotations

import os

# What mpiexec of MPICH and of Open MPI, and srun, tell each process.
_SIZES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS")
_RANKS = ("PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK")


def launched() -> bool:
    """Whether there are several processes, or there may be and the launcher does not tell."""
    told = [os.environ[name] for name in _SIZES if name in os.environ]
    if told:
        return any(size.isdigit() and int(size) > 1 for size in told)
    return any(name in os.environ for name in _RANKS)
