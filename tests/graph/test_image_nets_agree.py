"""The public image nets compute the same with all passes as without any, forward."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.templates import find_text
from mycaffe_py.proto.text import read_text_file

# Layers of the plan: what a user who looks at `mycaffe time` sees.
NETS = {"resnet50": 75, "squeezenet": 50, "mobilenet": 32}


@pytest.mark.slow
@pytest.mark.parametrize("name", NETS)
def test_plans_agree(name: str) -> None:
    parsed = read_text_file(find_text(name, "model"), pb.NetParameter)
    nets: list[Net] = []
    for passes in ((), ALL_PASSES):
        graph = compile_net(
            NetText(parsed.message, parsed.locations, State(pb.TEST)), passes=passes, backward=False
        )
        nets.append(Net(graph, seed=1, share=nets[0].params if nets else None))
    plain, fast = nets
    random = np.random.default_rng(2)
    _fill_statistics(plain, random)
    picture: Any = random.normal(size=plain.blob("data").shape)
    for net in nets:
        net.feed({"data": picture.astype(np.float32)})
        net.forward()
    assert len(fast.graph.nodes) == NETS[name]
    for node in fast.graph.nodes:
        for top in node.tops:
            wanted = plain.blob(top.removesuffix(" (plain)"))
            apart = float(np.linalg.norm(fast.blob(top) - wanted))
            assert apart <= 1e-4 * float(np.linalg.norm(wanted)), top


def _fill_statistics(net: Net, random: Any) -> None:
    for node in net.graph.nodes:
        if node.layer.type == "BatchNorm":
            mean, variance, count = (net.values[key] for key in node.params)
            mean[...] = 0.1 * random.random(mean.shape)
            variance[...] = 0.5 + random.random(variance.shape)
            count[...] = 1
