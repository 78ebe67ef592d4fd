"""NCCL, which adds up gradients between GPUs, is not here; this says so."""

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
    """Caffe's class; all of its methods raise UserError."""

    def __init__(self, solver: object, uid: bytes) -> None:
        """Raise UserError."""
        _refuse()

    @staticmethod
    def new_uid() -> bytes:
        """Raise UserError."""
        _refuse()

    def bcast(self) -> None:
        """Raise UserError."""
        _refuse()
