"""The update of a run in shards: each process changes its own segment of the parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mycaffe_py.engine.params import Params
from mycaffe_py.kernels.updates import squared_norm
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import SolverParameter
from mycaffe_py.solver.shards.segments import Segments
from mycaffe_py.solver.team import Together
from mycaffe_py.solver.updates import Updater


class SegmentUpdater(Updater):
    """Updates the values that this process owns; only their history is ever written to."""

    def __init__(
        self,
        params: Sequence[Params],
        solver: SolverParameter,
        where: Locations,
        segments: Segments,
        together: Together,
    ) -> None:
        """`params` are those of the shards of this process; the first get the sums."""
        super().__init__(params[0], solver, where)
        self.all_params = params
        self.together = together
        self._norm = math.nan
        start, count, number = segments.pieces(together.rank, self._start, self._count)
        self._start, self._count = start, count
        self._lr_mult, self._decay_mult = self._lr_mult[number], self._decay_mult[number]

    def clear_gradients(self) -> None:
        """Set the gradients of all shards to 0; those of the first hold the last update."""
        for params in self.all_params:
            for run in self._cleared:
                params.diff[run].fill(0)

    def measure(self) -> None:
        """Find the norm of the summed gradients, which all processes need to clip them."""
        pieces = [
            squared_norm(self._start[i : i + 1], self._count[i : i + 1], self.params.diff)
            for i in range(len(self._start))
        ]
        told = self.together.agree(pieces)
        # The sum of fsum does not depend on the order, and so not on who has which pieces.
        self._norm = math.sqrt(math.fsum(square for found in told for square in found))

    def gradient_norm(self) -> float:
        """L2 norm of all gradients together, as `measure` has found it."""
        return self._norm
