"""The team of processes that mpiexec has started, by MPI."""

from __future__ import annotations

import pickle
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from mycaffe_py.errors import UserError
from mycaffe_py.layers.base import Array
from mycaffe_py.optional import optional
from mycaffe_py.parallel.board import Board
from mycaffe_py.parallel.waiting import wait_until


class MpiTeam:
    """All processes of MPI's world."""

    def __init__(self) -> None:
        """Join them. Errors: mpi4py is not installed, or finds no MPI."""
        try:
            self._mpi = optional("mpi4py.MPI", "mpi", "a run on several processes")
        except RuntimeError as error:
            raise UserError(
                f"mpi4py finds no MPI: {str(error).splitlines()[0]}",
                wanted="it loads that of the mpiexec that has started this process",
                do="Use mpiexec and mpi4py of one environment, for example by "
                "'pip install mpi4py mpich'.",
            ) from error
        self._comm = self._mpi.COMM_WORLD.Dup()
        self._failures = self._mpi.COMM_WORLD.Dup()
        self.rank = int(self._comm.rank)
        self.ranks = int(self._comm.size)
        self._board = self._of_one_machine()

    def _of_one_machine(self) -> Board | None:
        """The memory that all processes share, where all are on one machine which has some."""
        near = self._comm.Split_type(self._mpi.COMM_TYPE_SHARED)
        if not 1 < near.size == self.ranks:
            return None
        try:
            board = Board(self._mpi, near, self._wait)
        except self._mpi.Exception:
            board = None
        return board if near.allreduce(board is not None, self._mpi.LAND) else None

    def tell(self, words: Any) -> list[Any]:
        """Tell all others something small; returns what each of them tells, by rank."""
        packed = pickle.dumps(words)
        told = self._board.tell(packed) if self._board is not None else None
        if told is not None:
            return [pickle.loads(one) for one in told]
        sizes = np.empty(self.ranks, np.int64)
        self._wait([self._comm.Iallgather(np.array([len(packed)], np.int64), sizes)])
        ends = np.cumsum(sizes)
        got = bytearray(int(ends[-1]))
        into = [got, (sizes, ends - sizes), self._mpi.BYTE]
        self._wait([self._comm.Iallgatherv([packed, self._mpi.BYTE], into)])
        parts = zip((ends - sizes).tolist(), ends.tolist(), strict=True)
        return [pickle.loads(memoryview(got)[start:end]) for start, end in parts]

    def swap(self, sent: Sequence[Sequence[Array]], got: Sequence[Sequence[Array]]) -> None:
        """Send the arrays `sent[q]` to process q, and fill the arrays `got[q]` by what it sends."""
        if self._board is not None:
            self._board.swap(sent, got)
            return
        asked = [self._comm.Irecv(array, q) for q, arrays in enumerate(got) for array in arrays]
        asked += [self._comm.Isend(array, q) for q, arrays in enumerate(sent) for array in arrays]
        self._wait(asked)

    def failed(self, seconds: float) -> set[int]:
        """The processes that have failed, this one among them, after so long or once all have."""
        others = set(range(self.ranks)) - {self.rank}
        for other in others:
            self._failures.isend(None, other)
        failed = {self.rank}
        end = time.monotonic() + seconds
        while len(failed) < self.ranks and time.monotonic() < end:
            for other in others - failed:
                if self._failures.iprobe(other):
                    self._failures.recv(source=other)
                    failed.add(other)
            time.sleep(0.01)
        return failed

    def end_all(self, code: int) -> None:
        """End all processes at once."""
        self._mpi.COMM_WORLD.Abort(code)

    def _wait(self, requests: list[Any]) -> None:
        wait_until(lambda: bool(self._mpi.Request.Testall(requests)))
