"""Warns when BatchNorm layers give other outputs in test mode than in train mode."""

from __future__ import annotations

import numpy as np

from mycaffe_py.graph.param_key import ParamKey
from mycaffe_py.graph.told.normalization import Normalization, normalizations
from mycaffe_py.layers.base import Array
from mycaffe_py.solver.hooks.hook import Event, Every, Hook, Run

# Root mean square difference of the outputs, which have deviation 1 in train mode. Noise of batches
# of 16 rows is 0.25; at 0.5 a good part of what is learned behind the layer is lost in a test.
_TOLERATED = 0.5

_State = tuple[Array, Array, Array]


class ModesPart(Hook):
    """Compares, in iterations that begin with a test, the running statistics before and after.

    What a batch adds to the running statistics tells its own mean and variance. From both follows
    how far the outputs of the two modes are apart for that batch: nothing is computed twice.
    """

    def start(self, solver: Run) -> None:
        """Find the layers that normalise by the batch in training and by the past in a test."""
        self._due = Every(solver.text.test_interval, at_zero=False)
        stored = {
            found.name
            for net in solver.test_nets
            for found in normalizations(net.graph)
            if found.facts.stored
        }
        # Branches that share the statistics add to them one after the other.
        self._layers: dict[tuple[ParamKey, ...], list[Normalization]] = {}
        for found in normalizations(solver.net.graph):
            if not found.facts.stored and found.name in stored:
                self._layers.setdefault(found.params, []).append(found)
        self._before: dict[tuple[ParamKey, ...], _State] = {}

    def before_step(self, solver: Run) -> None:
        """Remember the statistics that the test has used."""
        if self._due(solver.iteration):
            self._before = {params: self._state(solver, params) for params in self._layers}

    def after_step(self, solver: Run) -> None:
        """Compare them with those of this iteration's batches; warn of the first that differ."""
        before, self._before = self._before, {}
        apart = [
            (layers[0], distance)
            for params, layers in self._layers.items()
            if params in before
            and (distance := _distance(before[params], self._state(solver, params), layers, solver))
            > _TOLERATED
        ]
        if apart:
            layer, distance = apart[0]
            line = _line(solver.iteration - 1, layer, distance, len(apart) - 1)
            figures = {"line": line, "layer": layer.name, "distance": distance}
            solver.tell(Event("warning", solver.iteration - 1, figures))

    def _state(self, solver: Run, params: tuple[ParamKey, ...]) -> _State:
        mean, variance, factor = (solver.params.values[key].astype(np.float64) for key in params)
        return mean, variance, factor


def _distance(before: _State, after: _State, layers: list[Normalization], solver: Run) -> float:
    """Root mean square difference of the outputs in the two modes; 0 where nothing is stored."""
    facts = layers[0].facts
    kept = facts.fraction ** (len(layers) * solver.text.iter_size)
    added = [new - kept * old for new, old in zip(after, before, strict=True)]
    if not before[2][0] or not added[2][0]:
        return 0.0
    mean, variance = before[0] / before[2], before[1] / before[2]
    own_mean, own_variance = added[0] / added[2], np.maximum(added[1] / added[2], 0)
    spread, own_spread = np.sqrt(variance + facts.eps), np.sqrt(own_variance + facts.eps)
    moved = (own_mean - mean) / spread
    stretched = np.sqrt(own_variance) * (1 / spread - 1 / own_spread)
    return float(np.sqrt(np.mean(moved**2 + stretched**2)))


def _line(iteration: int, layer: Normalization, distance: float, further: int) -> str:
    facts = layer.facts
    others = f" {further} more layers do so as well." if further else ""
    return (
        f"Warning: at iteration {iteration} train mode and test mode part ways at layer "
        f"'{layer.name}' (BatchNorm): for the same data its outputs differ by {distance:.2g} "
        f"deviations. TRAIN normalises by each batch of {facts.blocks[0]} rows, TEST by running "
        f"statistics that keep {facts.fraction:g} of themselves at each batch.{others} If these "
        "lag behind the weights, lower moving_average_fraction (0.9) or base_lr; if batches differ "
        "from each other, make them larger and mix their classes."
    )
