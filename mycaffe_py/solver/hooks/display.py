"""What people see during training: a line for each display and test, a bar on a terminal."""

from __future__ import annotations

import math
import sys
import time
from typing import Any

from tqdm import tqdm

from mycaffe_py.notices import is_hushed
from mycaffe_py.solver.hooks.hook import OF_THE_RUN, Event, Hook, Run
from mycaffe_py.solver.hooks.interval import due, due_at_end

_BAR = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed} < {remaining}{postfix}]"


class Display(Hook):
    """Lines go to standard output, the bar to standard error if that is a terminal.

    With `quiet`, or where lines are hushed, there are neither, and it only tells when a display is
    due.
    """

    writes = True

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet or is_hushed()

    def start(self, solver: Run) -> None:
        """Open the bar at the iteration the run starts from."""
        self._accuracy: float | None = None
        self._images = images_per_step(solver)
        self._last = (time.perf_counter(), solver.iteration)
        self._bar = tqdm(
            total=solver.text.max_iter,
            initial=solver.iteration,
            disable=self.quiet or sys.stderr is None or not sys.stderr.isatty(),
            bar_format=_BAR,
            smoothing=0.05,
            dynamic_ncols=True,
        )

    def after_gradients(self, solver: Run) -> None:
        """Tell a display if it is due, before the update that ends this iteration."""
        if due(solver):
            now = time.perf_counter()
            done = solver.iteration - self._last[1]
            pace = done / (now - self._last[0])
            figures: dict[str, Any] = {"loss": solver.smoothed.value, "lr": solver.rate}
            if done:
                figures["images_per_s"] = pace * self._images
            figures["outputs"] = solver.work.outputs()
            self._last = (now, solver.iteration)
            solver.tell(Event("display", solver.iteration, figures))

    def after_step(self, solver: Run) -> None:
        """Move the bar on."""
        if self._bar.disable:
            return
        pace = self._bar.format_dict["rate"]
        parts = [f"loss {solver.smoothed.value:.4g}"]
        if self._accuracy is not None:
            parts.append(f"accuracy {self._accuracy:.4f}")
        if pace:
            parts.append(f"{pace * self._images:.0f} images/s")
        self._bar.set_postfix_str(", ".join(parts), refresh=False)
        self._bar.update(1)

    def told(self, solver: Run, event: Event) -> None:
        """Print one line for `event` above the bar, unless it tells of the run itself."""
        if event.kind in OF_THE_RUN:
            return
        self._accuracy = event.figures.get("accuracy", self._accuracy)
        if self.quiet:
            return
        with tqdm.external_write_mode(file=sys.stdout):
            print(line(event), flush=True)

    def finish(self, solver: Run) -> None:
        """Tell a last display, if one is due at the end.

        Caffe computes one more loss for it. Here it is that of the last iteration, because a
        forward of the TRAIN net would move the state of its layers behind the last snapshot.
        """
        if due_at_end(solver):
            figures = {"loss": solver.smoothed.value, "outputs": solver.work.outputs()}
            solver.tell(Event("display", solver.iteration, figures))

    def close(self, solver: Run) -> None:
        """Leave the bar as it stands."""
        self._bar.close()


def images_per_step(solver: Run) -> int:
    """Pictures (or rows, where no picture is read) that one iteration learns from."""
    rows, shards = 0, solver.text.shards
    for node in solver.net.graph.nodes:
        if not node.bottoms and node.plan.tops:
            shape = node.plan.tops[0].shape
            # The images of a tuple are rows of the top or channels of one row: both are read.
            data = node.context.param.data_param
            tuples = data.batch_size * max(1, data.images_per_blob)
            rows = max(rows, shards * (shape[0] if shape else 1), tuples)
    return rows * solver.text.iter_size


def line(event: Event) -> str:
    """The line for people that tells of `event`, in Caffe's words."""
    figures = event.figures
    if event.kind == "snapshot":
        return f"Snapshotting to {figures['weights']}"
    if event.kind in ("debug", "warning"):
        return str(figures["line"])
    outputs = ", ".join(f"{name} = {_short(v)}" for name, v in figures.get("outputs", {}).items())
    if event.kind == "test":
        loss = f", Test loss: {figures['loss']:.6g}" if "loss" in figures else ""
        return f"Iteration {event.iteration}, Testing net (#{figures['net']}): {outputs}{loss}"
    text = f"Iteration {event.iteration}"
    if "images_per_s" in figures:
        text += f" ({figures['images_per_s']:.0f} images/s)"
    text += f", loss = {figures['loss']:.6g}"
    if "lr" in figures:
        text += f", lr = {figures['lr']:.6g}"
    return text + (f" [{outputs}]" if len(figures["outputs"]) > 1 else "")


def _short(value: Any) -> str:
    """A number with 6 digits, or the first numbers of a list."""
    if not isinstance(value, list):
        return "not measured" if math.isnan(value) else f"{value:.6g}"
    shown = ", ".join(_short(inner) for inner in value[:4])
    return f"({shown}{', ...' if len(value) > 4 else ''})"
