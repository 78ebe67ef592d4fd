"""The optimised plan computes what the plain one does, on the nets that people start from."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.templates import find_text, templates
from mycaffe_py.proto.text import read_text_file

# One is the net of another with more outputs, and no pass has anything to do in the other.
OTHERS = {"siamese_28x28_best", "siamese_lstm_oneshot"}
MODELS = [one.name for one in templates() if one.solver and one.name not in OTHERS]


def _net(name: str, phase: int, passes: tuple[str, ...]) -> Net:
    parsed = read_text_file(find_text(name, "model"), pb.NetParameter)
    for layer in parsed.message.layer:
        if layer.data_param.stand_in:
            layer.data_param.source = layer.data_param.stand_in
            classes = layer.data_param.labels_per_batch
            layer.data_param.batch_size = 20
            layer.data_param.images_per_label = 20 // classes if classes else 0
    read = NetText(parsed.message, parsed.locations, State(phase))
    graph = compile_net(read, seed=1, passes=passes)
    return Net(graph, seed=1)


def _agree(found: np.ndarray, wanted: np.ndarray, tolerance: float, what: str) -> None:
    """The difference is small beside the whole: single values may go another way, see below."""
    # Distances to centroids that do not exist yet are the largest float: compare them as huge.
    found, wanted = np.minimum(found, 1e6), np.minimum(wanted, 1e6)
    size = max(float(np.linalg.norm(wanted)), 2e-3)
    assert float(np.linalg.norm(found - wanted)) <= tolerance * size, what


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_two_steps_of_training_agree(name: str) -> None:
    """Values to 1e-4, gradients to 1e-2.

    Where pixels are all 0, the values of a pooling window are equal; rounding in the fused kernels
    may choose another of them as the largest, and the gradient then flows there.
    """
    plain, fast = _net(name, pb.TRAIN, ()), _net(name, pb.TRAIN, ALL_PASSES)
    assert len(fast.graph.nodes) < len(plain.graph.nodes)
    for batch in range(2):
        losses = []
        for net in (plain, fast):
            net.clear_gradients()
            losses.append(net.forward(batch))
            net.backward()
        assert losses[1] == pytest.approx(losses[0], rel=1e-4)
        for blob in plain.graph.blobs:
            _agree(fast.blob(blob), plain.blob(blob), 1e-4, blob)
        for key, gradient in plain.gradients.items():
            _agree(fast.gradients[key], gradient, 1e-2, key)
        for net in (plain, fast):
            net.params.data -= 0.01 * plain.params.diff
