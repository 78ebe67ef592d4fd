"""Floor 8. NCCL, which adds up gradients between GPUs, is not here; this says so."""

from __future__ import annotations

from typing import NoReturn

from mycaffe_py.errors import UserError


def has_nccl() -> bool:
    """Whether GPUs can train together: never here."""
    return False


def _refuse() -> NoReturn:
    raise UserError(
        "NCCL is asked for",
        wanted="it connects GPUs, and everything here runs on the CPU",
        do="Ask caffe.has_nccl() first, and train with one solver.",
    )


class NCCL:
    """Raises UserError whatever is asked of it."""

    def __init__(self, solver: object, uid: bytes) -> None:
        """Refuse."""
        _refuse()

    @staticmethod
    def new_uid() -> bytes:
        """Refuse."""
        _refuse()

    def bcast(self) -> None:
        """Refuse."""
        _refuse()
