"""Floor 6. Stops the run when the loss is no longer a number, before weights are harmed."""

from __future__ import annotations

import math

import numpy as np

from mycaffe_py.engine.net import Net
from mycaffe_py.errors import MyCaffeError
from mycaffe_py.solver.hooks.hook import Hook
from mycaffe_py.solver.solver import Solver


class NonFinite(Hook):
    """Names the first layer and blob that hold a NaN or an infinity.

    numpy's own warnings of overflows are off meanwhile: they come earlier and say less.
    """

    def start(self, solver: Solver) -> None:
        """Silence numpy."""
        self._before = np.seterr(over="ignore", invalid="ignore", divide="ignore")

    def close(self, solver: Solver) -> None:
        """Let numpy speak as before."""
        np.seterr(**self._before)

    def after_forward(self, solver: Solver, loss: float) -> None:
        """Raise MyCaffeError when `loss` is NaN or infinite."""
        if math.isfinite(loss):
            return
        found = solver.net.first_non_finite()
        blame = ""
        if found is not None:
            layer, blob = _as_in_the_text(solver.net, *found)
            blame = f"; the first such value is in blob '{blob}' of layer '{layer}'"
        saved = solver.last_snapshot
        kept = (
            f"The snapshot '{saved}' is intact: go on from it with 'mycaffe resume {saved}'."
            if saved
            else "No snapshot was written yet."
        )
        raise MyCaffeError(
            f"the loss became {loss} at iteration {solver.iteration}" + blame,
            wanted=f"training stops because nothing can be learned from it "
            f"(learning rate {solver.rate:g})",
            do=f"Lower base_lr, or set clip_gradients. {kept}",
        )


def _as_in_the_text(net: Net, layer: str, blob: str) -> tuple[str, str]:
    """The layer and the blob of the model text, where these two run on stacked rows of several."""
    parts = [name for name, rows in net.graph.rows.items() if rows.blob == blob]
    for chain, part in zip(layer.split(" + ")[-1].split("+"), parts, strict=False):
        if not np.isfinite(net.blob(part)).all():
            return chain, part
    return layer, blob
