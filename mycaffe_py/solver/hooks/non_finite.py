"""Stops the run when the loss becomes NaN or infinite, before the weights are changed by it."""

from __future__ import annotations

import math

import numpy as np

from mycaffe_py.engine.net import Net
from mycaffe_py.errors import MyCaffeError
from mycaffe_py.solver.hooks.hook import Hook, Run


class NonFinite(Hook):
    """Stops with an error that names the first layer and blob with a NaN or an infinity.

    numpy's own warnings of overflows are off during the run: they come earlier and say less.
    """

    def start(self, solver: Run) -> None:
        """Silence numpy."""
        self._before = np.seterr(over="ignore", invalid="ignore", divide="ignore")

    def close(self, solver: Run) -> None:
        """Let numpy speak as before."""
        np.seterr(**self._before)

    def after_forward(self, solver: Run, loss: float) -> None:
        """Raise MyCaffeError when `loss` is NaN or infinite."""
        if math.isfinite(loss):
            return
        found = solver.work.look(_blamed)
        blame = ""
        if found is not None:
            layer, blob = found
            blame = f"; the first such value is in blob '{blob}' of layer '{layer}'"
        saved = solver.record.last_snapshot
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


def _blamed(net: Net) -> tuple[str, str] | None:
    found = _first_non_finite(net)
    return None if found is None else _as_in_the_text(net, *found)


def _first_non_finite(net: Net) -> tuple[str, str] | None:
    """(layer, blob) of the first top that holds a NaN or an infinity, in layer order."""
    for node, io in net.steps:
        for name, top in zip(node.tops, io.tops, strict=True):
            if not np.isfinite(top).all():
                return node.name, name
    return None


def _as_in_the_text(net: Net, layer: str, blob: str) -> tuple[str, str]:
    """The layer and the blob of the model text, where these two run on stacked rows of several."""
    parts = [name for name, rows in net.graph.rows.items() if rows.blob == blob]
    for chain, part in zip(layer.split(" + ")[-1].split("+"), parts, strict=False):
        if not np.isfinite(net.blob(part)).all():
            return chain, part
    return layer, blob
