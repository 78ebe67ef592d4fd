"""Small nets on the built-in digits, as a whole batch and in shards, in double precision."""

from __future__ import annotations

import numpy as np

from mycaffe_py.data.shards.cut import Cut
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.net_text import net_text
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.run_card import TextCard
from mycaffe_py.solver.shards.net import ShardNet
from mycaffe_py.solver.shards.work import ShardWork
from mycaffe_py.solver.team import ALONE, Together

DATA = """
layer { name: "digits" type: "Data" top: "data" top: "label"
  transform_param { scale: 0.00390625 }
  data_param { source: "digits28.training" batch_size: 24 images_per_blob: IMAGES prefetch: 0 } }
"""
BRANCH = """
layer { name: "ip1" type: "InnerProduct" bottom: "data" top: "h"
  inner_product_param { num_output: 6 weight_filler { type: "xavier" } } }
layer { name: "act" type: "TanH" bottom: "h" top: "h" }
layer { name: "ip2" type: "InnerProduct" bottom: "h" top: "y"
  inner_product_param { num_output: CLASSES weight_filler { type: "xavier" } } }
"""

LOSS = 'layer { name: "loss" type: "SoftmaxWithLoss" bottom: "y" bottom: "label" top: "loss" }'
# Its DataSequence carries items from batch to batch.
PARTNERS = (
    'layer { name: "seq" type: "DataSequence" bottom: "y" bottom: "label" top: "a" top: "p" '
    'top: "n" top: "l" data_sequence_param { cache_size: 8 k: 1 } } '
    'layer { name: "lost" type: "Silence" bottom: "l" } '
    'layer { name: "pairs" type: "TripletLoss" bottom: "a" bottom: "p" bottom: "n" top: "t" } '
) + LOSS


def text_of(tail: str, classes: int = 10, images: int = 1, branch: str = BRANCH) -> str:
    """A net text: digits, two layers, and `tail` on their output "y"."""
    whole = DATA + branch + tail
    return whole.replace("IMAGES", str(images)).replace("CLASSES", str(classes))


def work_of(text: str, shards: int, dtype: type = np.float64) -> ShardWork:
    """The work on this net's batches in `shards`, by one process."""
    given = net_text(TextCard("net.prototxt", text)).in_state(pb.TRAIN)
    cut = Cut(shards, 0, shards)
    graph = compile_net(given, seed=1, passes=ALL_PASSES, cut=cut)
    nets: list[ShardNet] = []
    for shard in range(shards):
        beside = nets[0].params if nets else None
        net = ShardNet(graph, dtype=dtype, seed=1, beside=beside)
        net.run.cut, net.run.shard = cut, shard
        nets.append(net)
    whole = compile_net(given, seed=1, passes=ALL_PASSES)
    return ShardWork(nets, whole, cut, Together(ALONE))


def gradients_of(work: ShardWork, batch: int = 0) -> tuple[float, np.ndarray]:
    """Loss and gradients of a batch."""
    loss = work.forward(batch)
    work.backward()
    work.reduce()
    return loss, work.net.params.diff.copy()
