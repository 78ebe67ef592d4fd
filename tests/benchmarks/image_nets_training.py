"""A training step of the public image nets, ours and PyTorch's: SGD with momentum, batch 8.

    python -m tests.benchmarks.image_nets_training [--nets resnet50 ...] [--threads 1 2]

Pictures that lie ready, BatchNorm by the batch, no Dropout (the sides draw differently), the last
Softmax as a loss. Both sides must find the same loss on the first batch.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.net_text import NetText, net_text, text_card
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.templates import find_text
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.solver import Solver
from mycaffe_py.solver.texts import Job, read_job
from tests.benchmarks import interleaved
from tests.benchmarks.torch_graph import TorchGraph

BATCH = 8
NETS = ("resnet50", "squeezenet", "mobilenet", "googlenet", "alexnet")
RATE = 1e-4


def training_job(name: str, batch: int, changes: list[str]) -> Job:
    """The training of the image net `name` on made-up data, with the solver of lenet."""

    def edit(net: pb.NetParameter, where: Locations) -> Locations:
        net.CopyFrom(_training_text(name, batch))
        return Locations.none()

    return replace(read_job("lenet", ["solver.lr_policy=fixed", *changes], edit=edit), tests=())


def _training_text(name: str, batch: int) -> pb.NetParameter:
    text = _without_dropout(name).net
    made = text.layer[0]
    shape = [batch, *made.input_param.shape[0].dim[1:]]
    made.type, made.top[:] = "DummyData", [made.top[0], "label"]
    for dims in (shape, [batch]):
        made.dummy_data_param.shape.add().dim.extend(dims)
    made.ClearField("input_param")
    for layer in text.layer:
        if layer.type == "BatchNorm":
            layer.batch_norm_param.use_global_stats = False
    last = text.layer[-1]
    last.name, last.type, last.top[:] = "loss", "SoftmaxWithLoss", ["loss"]
    last.bottom.append("label")
    return text


def _without_dropout(name: str) -> NetText:
    text = net_text(text_card(find_text(name, "model")))
    kept = [layer for layer in text.net.layer if layer.type != "Dropout"]
    renamed = {layer.top[0]: layer.bottom[0] for layer in text.net.layer if layer.type == "Dropout"}
    for layer in kept:
        layer.bottom[:] = [renamed.get(bottom, bottom) for bottom in layer.bottom]
    made = pb.NetParameter()
    made.CopyFrom(text.net)
    del made.layer[:]
    made.layer.extend(kept)
    return replace(text, net=made)


def torch_net(name: str) -> nn.Module:
    """The net as PyTorch's module up to its scores, with the weights of the first seed."""
    text = _without_dropout(name)
    del text.net.layer[-1]
    net = Net(compile_net(text.in_state(pb.TEST), seed=1, backward=False), seed=1)
    for node in net.graph.nodes:
        if node.layer.type == "BatchNorm":
            net.values[node.params[2]].fill(1)
    return TorchGraph(net).train()


def _ours(name: str, pictures: np.ndarray) -> Solver:
    changes = [f"solver.base_lr={RATE}", "solver.weight_decay=0"]
    solver = build_solver(training_job(name, BATCH, changes), 1)
    # The first forward fills it with what its text says, once for all.
    solver.net.forward(0)
    solver.net.blob("data")[...] = pictures
    return solver


def _theirs(name: str, pictures: np.ndarray, last: bool) -> Callable[[], float]:
    net, x = torch_net(name), torch.from_numpy(pictures)
    if last:
        net = net.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    label = torch.zeros(BATCH, dtype=torch.int64)
    optimiser = torch.optim.SGD(net.parameters(), RATE, 0.9, fused=True)

    def step() -> float:
        optimiser.zero_grad()
        loss = functional.cross_entropy(net(x).flatten(1), label)
        loss.backward()
        optimiser.step()
        return loss.item()

    return step


def main() -> None:
    """Print a table for each net and number of threads."""
    own = argparse.ArgumentParser(add_help=False)
    own.add_argument("--nets", nargs="+", default=list(NETS), choices=NETS)
    nets, rest = own.parse_known_args()
    args = interleaved.options(__doc__ or "", rounds=5, block=1, words=rest)
    interleaved.print_head("tests.benchmarks.image_nets_training")
    for threads in args.threads:
        interleaved.use_threads(threads)
        interleaved.print_peak(threads)
        for name in nets.nets:
            _compare(name, threads, args)


def _compare(name: str, threads: int, args: argparse.Namespace) -> None:
    text = net_text(text_card(find_text(name, "model"))).net
    shape = (BATCH, *text.layer[0].input_param.shape[0].dim[1:])
    pictures = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    solver = _ours(name, pictures)
    calls: dict[str, Callable[[], Any]] = {
        "ours": solver.step,
        "PyTorch eager": _theirs(name, pictures, last=False),
        "PyTorch eager, channels last": _theirs(name, pictures, last=True),
    }
    losses = [call() for call in calls.values()][1:]
    for loss in losses:
        interleaved.torch_matches(solver.smoothed.value, loss, f"{name}: loss of the first step")
    found = interleaved.measure(calls, args.rounds, args.block)
    title = f"{name}, a step of {BATCH}, {threads} thread{'s' * (threads > 1)}"
    interleaved.print_table(found, "ours", title, BATCH)
    print()


if __name__ == "__main__":
    main()
