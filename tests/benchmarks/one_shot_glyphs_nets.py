"""The nets of one_shot_glyphs: the templates on letters, and PyTorch's net of prototypes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.saving import save
from mycaffe_py.solver.solver import Solver
from mycaffe_py.solver.texts import read_job
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.snapshot import open_snapshot
from tests.benchmarks.one_shot_glyphs_task import Encode, Side, euclidean
from tests.benchmarks.training_vs_torch import learned

# Classes a batch and pictures of each, as one_shot_glyphs asks unless told otherwise.
BATCH = (128, 2)
RATE = 0.003
# The templates by what they learn by, and the layer that reads in each.
TEMPLATES = {
    "prototypical": ("siamese_28x28_prototypical", "training"),
    "verification": ("siamese_28x28_verification", "training"),
    "contrastive": ("siamese_28x28_best", "pair_data"),
    "triplet": ("siamese_28x28_triplet", "data"),
}
# These read a batch of whole classes; the others read pairs, 128 pictures a batch.
_BATCHES = ("prototypical", "triplet")
_AT_ONCE = 250


@dataclass(frozen=True)
class Trained:
    """A side, and the seconds of a core that its training took."""

    side: Side
    core_s: float


def solver_of(
    kind: str, iterations: int, seed: int, letters: str, batch: tuple[int, int]
) -> Solver:
    """The solver of a template on the data set `letters`, with the template's rate or RATE.

    `batch`: classes a batch and pictures of each, for those that read whole classes.
    """
    template, reader = TEMPLATES[kind]
    field = f"net.layer.{reader}.data_param"
    changes = [f"{field}.source={letters}.training", f"solver.max_iter={iterations}"]
    if reader == "training":
        changes.append(f"net.layer.testing.data_param.source={letters}.validation")
    if kind in _BATCHES:
        classes, each = batch
        changes += [
            f"{field}.labels_per_batch={classes}",
            f"{field}.images_per_label={each}",
            f"{field}.batch_size={classes * each}",
        ]
    if kind == "prototypical":
        changes.append(f"solver.base_lr={RATE}")
    return build_solver(read_job(template, changes), seed=seed)


def ours(
    kind: str,
    iterations: int,
    seed: int,
    letters: ArraySource,
    folder: Path,
    batch: tuple[int, int],
) -> Trained:
    """A template, trained on the data set of `letters`."""
    solver = solver_of(kind, iterations, seed, letters.name.rpartition(".")[0], batch)
    before = time.process_time()
    for _ in range(iterations):
        solver.step()
    core_s = time.process_time() - before
    snapshot = open_snapshot(save(solver, folder / f"{kind}_{seed}").weights)
    net = RunNet(snapshot, letters, _AT_ONCE)
    name = f"{TEMPLATES[kind][0]}"
    if kind != "verification":
        return Trained(Side(name, net.encodings), core_s)
    weights = solver.params.values["score[0]"].reshape(-1).copy()
    return Trained(Side(name, net.encodings, _Weighted(weights)), core_s)


class _Weighted:
    """The verification net's comparison: |a - b|, each difference with the weight it learned."""

    def __init__(self, weights: np.ndarray) -> None:
        self.weights = weights

    def __call__(self, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
        columns = [np.abs(rows - other) @ self.weights for other in others]
        return np.stack(columns, axis=1)


class Prototypes(nn.Module):
    """The branch of siamese_28x28_prototypical."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(1, 32, 5), nn.BatchNorm2d(32)
        self.conv2, self.norm2 = nn.Conv2d(32, 64, 5), nn.BatchNorm2d(64)
        self.feat = nn.Linear(1024, 64)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.relu(self.norm1(functional.max_pool2d(self.conv1(x), 2)))
        x = functional.relu(self.norm2(functional.max_pool2d(self.conv2(x), 2)))
        return self.feat(x.flatten(1))


def theirs(iterations: int, seed: int, letters: ArraySource, batch: tuple[int, int]) -> Trained:
    """PyTorch's net, from our first weights, on our batches, which lie ready, with Adam alike."""
    feeder = solver_of("prototypical", iterations, seed, letters.name.rpartition(".")[0], batch)
    net = Prototypes()
    with torch.no_grad():
        for mine, given in zip(net.parameters(), learned(feeder), strict=True):
            mine.copy_(torch.from_numpy(given).reshape(mine.shape))
    adam = torch.optim.Adam(net.parameters(), lr=RATE)
    rate = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: 1 - step / iterations)
    core_s = 0.0
    for pictures, labels in _batches(feeder, iterations):
        before = time.process_time()
        adam.zero_grad()
        _loss(net(pictures), labels, *batch).backward()
        adam.step()
        rate.step()
        core_s += time.process_time() - before
    net.eval()
    return Trained(Side("PyTorch, net of prototypes", _encoded_by(net), euclidean), core_s)


def _batches(feeder: Solver, iterations: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    data = next(step for step in feeder.net.steps if step.node.name == "training")
    for number in range(iterations):
        feeder.net.run.batch_number = number
        data.forward()
        pictures, labels = (feeder.net.blob(name).copy() for name in ("data", "label"))
        yield torch.from_numpy(pictures), torch.from_numpy(labels.reshape(-1)).long()


def _loss(rows: torch.Tensor, labels: torch.Tensor, classes: int, each: int) -> torch.Tensor:
    """The first picture of each class is its prototype; the others are told apart by distance."""
    order = torch.argsort(labels, stable=True)
    by_class = rows[order].reshape(classes, each, -1)
    queries = by_class[:, 1:].reshape(classes * (each - 1), -1)
    scores = -torch.cdist(queries, by_class[:, 0]).square()
    return functional.cross_entropy(scores, torch.arange(classes).repeat_interleave(each - 1))


def _encoded_by(net: nn.Module) -> Encode:
    def encode(images: np.ndarray) -> np.ndarray:
        pictures = torch.from_numpy(images.astype(np.float32) / np.float32(256))
        with torch.no_grad():
            return torch.cat([net(part) for part in pictures.split(_AT_ONCE)]).numpy()

    return encode
