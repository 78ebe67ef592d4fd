"""What every layer makes of one picture, and the filters of the first layer, as small pictures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.engine.answering_net import AnsweringNet
from mycaffe_py.graph.compile import compile_run_net
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.studio.asked.small_pictures import Values, as_data, stretched, tiled
from mycaffe_py.trained.final_weights import final_weights
from mycaffe_py.trained.loaded_net import loaded_net, transform_for
from mycaffe_py.trained.snapshot import Snapshot

# More planes than these of a layer tell nothing more to an eye, and take long to send.
_MOST_PLANES, _MOST_FILTERS, _MOST_LAYERS = 64, 96, 150
_MOST_SIDE = 96


class Inside:
    """The RUN net of a snapshot with every blob kept: no pass merges layers or shares memory."""

    def __init__(self, snapshot: Snapshot, like: ArraySource) -> None:
        """For one picture at a time like those of `like`."""
        graph = compile_run_net(
            snapshot.text.in_phase(pb.RUN), snapshot.shapes, 1,
            stored=snapshot.weights.shapes(), passes=(), opening=snapshot.opening,
        )  # fmt: skip
        net = loaded_net(snapshot, graph, final_weights(snapshot, graph))
        self._net = AnsweringNet(net, transform_for(snapshot, like), 1, like.name)

    def layers(self, images: Images) -> dict[str, Any]:
        """Each top of each layer for `images` (1, C, H, W), in order, after it went through.

        In-place layers have overwritten their bottom, so the last one that writes a blob tells it.
        """
        self._net.features(images)
        graph = self._net.net.graph
        last = {top: number for number, node in enumerate(graph.nodes) for top in node.tops}
        found = []
        if self._net.input not in last:
            found.append(self._blob(self._net.input, "input", "what the transform gives"))
        for number, node in enumerate(graph.nodes):
            for top in node.tops:
                if last[top] == number:
                    found.append(self._blob(top, node.name, node.layer.type))
        return {"layers": found[:_MOST_LAYERS], "left": max(0, len(found) - _MOST_LAYERS)}

    def filters(self) -> dict[str, Any] | None:
        """The weights of the first layer whose filters are pictures; None: no layer has such."""
        net = self._net.net
        for node in net.graph.nodes:
            for key in node.params:
                values = net.parameter(key)
                if values.ndim == 4 and min(values.shape[2:]) > 1:
                    return {"layer": node.name, "shape": list(values.shape), **_filters(values)}
        return None

    def _blob(self, name: str, layer: str, kind: str) -> dict[str, Any]:
        values = self._net.net.blob(name)[0]
        flat = np.asarray(values, np.float64).reshape(-1)
        told: dict[str, Any] = {
            "blob": name, "layer": layer, "type": kind, "shape": list(values.shape),
            "low": float(flat.min()), "high": float(flat.max()), "mean": float(flat.mean()),
            "zero": float(np.mean(flat == 0)),
        }  # fmt: skip
        return told | _pictured(values)


def _pictured(values: Values) -> dict[str, Any]:
    """A sheet of the planes of a blob (C, H, W); of a vector a strip, and its first numbers."""
    if values.ndim == 2 and min(values.shape) > 1:
        values = values[np.newaxis]
    if values.ndim == 3 and values.shape[1] * values.shape[2] > 1:
        step = max(1, math.ceil(max(values.shape[1:]) / _MOST_SIDE))
        planes = stretched(values[:_MOST_PLANES, ::step, ::step])
        across = math.ceil(math.sqrt(len(planes) * 2)) if len(planes) > 1 else 1
        sheet = tiled(planes, across)
        return {"picture": as_data(sheet), "planes": len(values), "shown": len(planes)}
    flat = values.reshape(-1)
    across = min(len(flat), 64)
    shown = stretched(flat[: across * (len(flat) // across)]).reshape(1, -1, across)
    few = [float(value) for value in flat[:16]]
    return {"picture": as_data(shown), "planes": len(flat), "shown": shown.size, "numbers": few}


def _filters(values: Values) -> dict[str, Any]:
    """Filters (K, C, h, w): in colours where they look at three channels, else plane by plane."""
    kept = values[:_MOST_FILTERS]
    across = math.ceil(math.sqrt(len(kept) * 2))
    if values.shape[1] == 3:
        sheets = [tiled(stretched(kept)[:, channel], across)[0] for channel in range(3)]
        return {"picture": as_data(np.stack(sheets)), "shown": len(kept)}
    return {"picture": as_data(tiled(stretched(kept[:, 0]), across)), "shown": len(kept)}
