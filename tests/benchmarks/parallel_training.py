"""How much of two cores two processes make of one training, beside PyTorch's DDP.

    mpiexec -n 2 python -m tests.benchmarks.parallel_training [--nets lenet resnet50] [--turns 10]

Efficiency: images/s of the processes, one thread each, that train one net together, over the sum of
as many runs on their own at the same time, with the same batch; median and quartiles over turns, in
which all of them take their place one after the other, made anew: two whole ResNet-50 in training
fill most of 24 GB. lenet trains with batches of 512 from MNIST (PyTorch's lie ready), ResNet-50
with 32 pictures that lie ready, BatchNorm by the batch. PyTorch's DDP is that of gloo.
"""

from __future__ import annotations

import argparse
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.threads import set_threads
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.net_text import net_text, text_card
from mycaffe_py.parallel.launched import launched
from mycaffe_py.parallel.mpi import MpiTeam
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.templates import find_text
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.team import ALONE, Team
from mycaffe_py.solver.texts import Job, read_job
from tests.benchmarks import torch_nets
from tests.benchmarks.torch_graph import TorchGraph

BATCHES = {"lenet": 512, "resnet50": 32}
STEPS = {"lenet": 10, "resnet50": 1}
Step = Callable[[], object]


@dataclass(frozen=True)
class Side:
    """One program; `make` gives a step of so many processes together: of all, or of one alone."""

    name: str
    make: Callable[[int], Step]


def job_of(name: str, shards: int) -> Job:
    """The training of a net."""
    changes = ["solver.lr_policy=fixed", "solver.base_lr=0.001", f"solver.shards={shards}"]
    edit = _large_batches if name == "lenet" else _residual
    job = read_job("lenet", [*changes, "solver.weight_decay=0"], edit=edit)
    return replace(job, tests=())


def _large_batches(net: pb.NetParameter, where: Locations) -> Locations:
    for layer in net.layer:
        layer.data_param.batch_size = BATCHES["lenet"] if layer.type == "Data" else 0
    return where


def _residual(net: pb.NetParameter, where: Locations) -> Locations:
    """Put ResNet-50 in the place of `net`, with made-up data and a loss."""
    text = net_text(text_card(find_text("resnet50", "model"))).net
    made = text.layer[0]
    made.type, made.top[:] = "DummyData", ["data", "label"]
    for shape in ((BATCHES["resnet50"], 3, 224, 224), (BATCHES["resnet50"],)):
        made.dummy_data_param.shape.add().dim.extend(shape)
    made.ClearField("input_param")
    for layer in text.layer:
        if layer.type == "BatchNorm":
            layer.batch_norm_param.use_global_stats = False
    last = text.layer[-1]
    last.name, last.type, last.top[:] = "loss", "SoftmaxWithLoss", ["loss"]
    last.bottom.append("label")
    net.CopyFrom(text)
    return Locations.none()


def ours(name: str, team: Team) -> Side:
    """Our training, in as many shards as there are processes."""

    def make(processes: int) -> Step:
        among = team if processes > 1 else ALONE
        solver = build_solver(job_of(name, processes), 1, team=among)
        if name == "resnet50":
            # The first forward fills it with what its text says, once for all.
            solver.net.forward(0)
            blob = solver.net.blob("data")
            blob[...] = np.random.default_rng(1).normal(size=blob.shape)
        return solver.step

    return Side("mycaffe", make)


def torchs(name: str) -> Side:
    """PyTorch's training: DistributedDataParallel, and a step on its own."""

    def make(processes: int) -> Step:
        net = torch_nets.lenet() if name == "lenet" else _torch_residual()
        model = nn.parallel.DistributedDataParallel(net) if processes > 1 else net
        shape = (1, 28, 28) if name == "lenet" else (3, 224, 224)
        x = torch.randn(BATCHES[name] // processes, *shape)
        label = torch.zeros(len(x), dtype=torch.int64)
        optimiser = torch.optim.SGD(net.parameters(), 0.001, 0.9, fused=True)
        return _torch_step(model, x, label, optimiser)

    return Side("PyTorch", make)


def _torch_step(
    model: nn.Module, x: torch.Tensor, label: torch.Tensor, optimiser: torch.optim.Optimizer
) -> Step:
    def step() -> None:
        optimiser.zero_grad()
        functional.cross_entropy(model(x), label).backward()
        optimiser.step()

    return step


def _torch_residual() -> nn.Module:
    """ResNet-50 as a module, up to its scores, which trains."""
    text = net_text(text_card(find_text("resnet50", "model")))
    del text.net.layer[-1]
    net = Net(compile_net(text.in_state(pb.TEST), seed=1, backward=False), seed=1)
    for key, values in net.values.items():
        if "bn" in key and key.endswith("[2]"):
            values.fill(1)
    return TorchGraph(net).train()


def join_torch(team: Team) -> None:
    """Let PyTorch's processes find one another."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = team.tell(free.getsockname()[1])[0]
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    torch.distributed.init_process_group("gloo", rank=team.rank, world_size=team.ranks)


def rates(side: Side, name: str, team: Team) -> tuple[float, float]:
    """Images/s of one turn: all together, and the sum of all on their own at the same time."""
    found = []
    for processes in (team.ranks, 1):
        step = side.make(processes)
        step()
        team.tell(None)
        began = time.perf_counter()
        for _ in range(STEPS[name]):
            step()
        taken = time.perf_counter() - began
        found.append(sum(team.tell(BATCHES[name] * STEPS[name] / processes / taken)))
    return found[0], found[1]


def main() -> None:
    """Measure, and print a line for each net and program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nets", nargs="+", default=list(BATCHES), choices=list(BATCHES))
    parser.add_argument("--turns", type=int, default=10)
    args = parser.parse_args()
    set_threads(1)
    torch.set_num_threads(1)
    team = MpiTeam() if launched() else ALONE
    join_torch(team)
    for name in args.nets:
        sides = [ours(name, team), torchs(name)]
        turns = [[rates(side, name, team) for side in sides] for _ in range(args.turns)]
        for side, found in zip(sides, np.array(turns).swapaxes(0, 1), strict=True):
            together, apart = np.median(found, axis=0)
            low, middle, high = 100 * np.quantile(found[:, 0] / found[:, 1], [0.25, 0.5, 0.75])
            if team.rank == 0:
                print(
                    f"{name:9} {side.name:8} {together:8.1f} of {apart:8.1f} images/s: "
                    f"{middle:.1f} % ({low:.1f}-{high:.1f})",
                    flush=True,
                )
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main()
