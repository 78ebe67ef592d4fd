"""What holds for the whole process: seed, device, and this process's part in a group."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from mycaffe_py.errors import UserError
from mycaffe_py.pycaffe import log_lines
from mycaffe_py.random_streams import stream

SEED_BITS = 31


@dataclass
class _Mode:
    """`seed` None: nets get fresh ones. `made` counts the nets since the seed was set."""

    seed: int | None = None
    made: int = 0
    told_of_gpu: bool = False
    solver_count: int = 1
    solver_rank: int = 0
    multiprocess: bool = False


_mode = _Mode()


def set_random_seed(seed: int) -> None:
    """Seed the nets and solvers made from now on: the first with `seed` itself.

    Those after it get other seeds that follow from it, as in Caffe, where the second net draws the
    next numbers of the same sequence. A net keeps its seed for as long as it lives.
    """
    if seed < 0:
        raise UserError(f"seed {seed}", wanted="a seed is a number of at least 0")
    _mode.seed = int(seed)
    _mode.made = 0


def next_seed() -> int:
    """The seed of the net to be made now; a fresh one unless `set_random_seed` was called."""
    if _mode.seed is None:
        return secrets.randbits(SEED_BITS)
    _mode.made += 1
    if _mode.made == 1:
        return _mode.seed
    return int(stream(_mode.seed, "seed of a net", _mode.made).integers(1 << SEED_BITS))


def set_mode_cpu() -> None:
    """Does nothing: everything runs on the CPU."""


def set_mode_gpu() -> None:
    """Say, once, that everything stays on the CPU: scripts that ask for a GPU run all the same."""
    if not _mode.told_of_gpu:
        log_lines.warn("set_mode_gpu: there is no GPU code here, everything runs on the CPU")
    _mode.told_of_gpu = True


def set_device(device: int) -> None:
    """Check the number of a GPU; it is not used, as `set_mode_gpu` says."""
    if device < 0:
        raise UserError(f"device {device}", wanted="devices are numbered from 0")


def solver_count() -> int:
    """How many processes train together; 1 unless somebody said otherwise."""
    return _mode.solver_count


def set_solver_count(count: int) -> None:
    """Say how many processes train together."""
    if count < 1:
        raise UserError(f"solver count {count}", wanted="at least 1")
    _mode.solver_count = int(count)


def solver_rank() -> int:
    """The number of this process among those that train together, from 0."""
    return _mode.solver_rank


def set_solver_rank(rank: int) -> None:
    """Say which of the processes this one is. A solver's `random_seed` counts from there."""
    if rank < 0:
        raise UserError(f"solver rank {rank}", wanted="ranks are numbered from 0")
    _mode.solver_rank = int(rank)


def set_multiprocess(multiprocess: bool) -> None:
    """Note that a script starts one process for each solver, which is always so here."""
    _mode.multiprocess = bool(multiprocess)
