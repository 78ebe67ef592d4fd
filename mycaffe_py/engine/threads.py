"""Floor 5. How many threads the kernels use. Results do not depend on it.

Kernels split work so that every sum keeps its order. A BLAS does not promise that, so it is told
to use one thread. That has an effect only before numpy is imported for the first time.
"""

from __future__ import annotations

import os

from mycaffe_py.errors import UserError

_BLAS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

# A thread that waits for the others gives its core away after this many looks, which last a little
# longer than the interpreter takes from one kernel to the next: waking it takes 40 us, ten times a
# step. By default it looks for ever, and on a machine that is busy with other things a run takes
# four times as long.
_SPINS = "10000"


def set_threads(count: int | None) -> int:
    """Let kernels use `count` threads, None for one on each core; return the number."""
    for name in _BLAS:
        os.environ[name] = "1"
    os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)
    import numba

    most = int(vars(numba.config)["NUMBA_NUM_THREADS"])
    wanted = most if count is None else count
    if not 1 <= wanted <= most:
        raise UserError(
            f"{count} threads",
            wanted=f"from 1 to {most} are possible here",
            do="NUMBA_NUM_THREADS in the environment raises the limit." if wanted > most else "",
        )
    numba.set_num_threads(wanted)
    return wanted
