"""A head learns from a table of features, and stops when it gets no better."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.engine.weights import layer_weights
from mycaffe_py.evaluate.designs.head import LABEL, PAIR, Head
from mycaffe_py.evaluate.designs.judging import Exam, pair_auc
from mycaffe_py.evaluate.designs.pairs import Experiments
from mycaffe_py.evaluate.designs.score_net import ScoreNet
from mycaffe_py.layers.base import Array
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.random_streams import stream
from mycaffe_py.snapshot.run_card import TextCard
from mycaffe_py.snapshot.weights import write_weights
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.solver import Solver
from mycaffe_py.solver.texts import Job

# Trials without a better one after which training ends.
_PATIENCE = 8


@dataclass
class Trained:
    """A head that has learned: the score it gives, and how it came about.

    `tune_auc` is the best of the trials, which was at iteration `best`; `failed` says why it came
    to nothing.
    """

    score: ScoreNet
    solver: Solver
    iterations: int = 0
    best: int = 0
    tune_auc: float = math.nan
    failed: str = ""
    losses: list[float] = field(default_factory=list)

    def save(self, path: Path) -> None:
        """Write the weights as a .caffemodel."""
        text = self.solver.job.train
        layers = [layer.param for layer in text.selected()]
        write_weights(path, text.net.name, layer_weights(self.solver.net, layers))


def train_head(
    head: Head,
    features: Array,
    learn: Experiments,
    exam: Exam,
    solver: pb.SolverParameter,
    where: Locations,
    seed: int,
) -> Trained:
    """Let `head` learn from the experiments `learn` on `features` (n, D).

    Errors: the texts', and a net that has no loss.
    """
    net = head.sized(head.rows, features.shape[1])
    text = replace(head.text, net=net)
    work = build_solver(Job(solver, where, TextCard(where.file, ""), text, (), {}), seed)
    trained = Trained(ScoreNet(head, features, work.params), work)
    batches = _Batches(head, learn, seed)
    best = work.params.data.copy()
    trials = 0
    for iteration in range(solver.max_iter):
        batches.feed(trained, features, iteration)
        work.step()
        trained.iterations = iteration + 1
        if not math.isfinite(work.smoothed.value):
            trained.failed = f"the loss is {work.smoothed.value} at iteration {iteration}"
            break
        if (iteration + 1) % solver.test_interval and iteration + 1 < solver.max_iter:
            continue
        trained.losses.append(work.smoothed.value)
        auc = _try(trained.score, exam)
        trials += 1
        # Not "worse than": the first trial counts as better than none.
        if not auc <= trained.tune_auc:
            trained.tune_auc, trained.best, trials = auc, iteration + 1, 0
            best[...] = work.params.data
        if trials == _PATIENCE:
            break
    work.params.data[...] = best
    return trained


def _try(score: ScoreNet, exam: Exam) -> float:
    """AUC of the tuning pairs; -inf where weights have become useless numbers."""
    first, second, _ = exam.tune.pairs()
    return pair_auc(score, exam.tune) if np.isfinite(score(first, second)).all() else -math.inf


class _Batches:
    """The experiments in shuffled order, each at most once in a pass over whole batches."""

    def __init__(self, head: Head, learn: Experiments, seed: int) -> None:
        self.head = head
        self.learn = learn
        self.seed = seed
        self.pairs = head.images == PAIR
        # A batch of pairs takes two from each experiment.
        self.size = max(1, head.rows // 2) if self.pairs else head.rows
        self._epoch = -1
        self._order: NDArray[np.int64] = np.empty(0, np.int64)

    def feed(self, trained: Trained, features: Array, iteration: int) -> None:
        """Copy batch `iteration` into the inputs."""
        epoch, place = divmod(iteration, max(1, len(self.learn) // self.size))
        chosen = np.resize(self._of(epoch)[place * self.size :], self.size)
        net = trained.solver.net
        if not self.pairs:
            rows = (self.learn.anchor, self.learn.positive, self.learn.negative)
            for name, part in zip(self.head.images, rows, strict=True):
                net.blob(name)[...] = features[part[chosen]]
            return
        first, second, same = self.learn.pairs(chosen)
        net.blob("a")[...] = features[first]
        net.blob("b")[...] = features[second]
        net.blob(LABEL)[...] = same

    def _of(self, epoch: int) -> NDArray[np.int64]:
        """The order of the experiments in pass number `epoch`."""
        if epoch != self._epoch:
            self._epoch = epoch
            numbers = stream(self.seed, "designs/order", epoch)
            self._order = numbers.permutation(len(self.learn))
        return self._order
