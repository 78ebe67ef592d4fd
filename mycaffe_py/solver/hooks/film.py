"""Floor 6. Takes the film of a run: where the net puts a fixed sample of the data as it learns."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from mycaffe_py.data.feed import Feed
from mycaffe_py.data.transform import Transform
from mycaffe_py.engine.net import Net
from mycaffe_py.engine.recogniser import Recogniser
from mycaffe_py.engine.sample import SAMPLE_BATCH, SAMPLE_ITEMS, draw_sample, take_frame
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import ALL_PASSES, compile_run_net
from mycaffe_py.layers.fed import feed_of
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.film import append_frame, kept_frames, write_film
from mycaffe_py.solver.hooks.display import images_per_step
from mycaffe_py.solver.hooks.hook import Hook
from mycaffe_py.solver.nets import param_shapes
from mycaffe_py.solver.solver import Solver

# As the interval: chosen from the length of the run and the size of its batches.
AUTO = -1
_FRAMES = 100
# A step's backward takes twice its forward, so a frame every `interval` iterations costs
# SAMPLE_ITEMS / (3 * images of a step * interval) of the training: at most this.
_MOST_COST = 0.03


class FilmRun(Hook):
    """Writes a frame after 0, 1, 2, 4, 8 ... iterations, every `every` of them, and at the end.

    The sample goes through a RUN net on the parameters of the training net, so that nothing that
    trains is touched: neither random streams nor centroids nor statistics.
    """

    def __init__(self, path: Path, every: int) -> None:
        """`path` is the film; `every` is at least 1, or AUTO."""
        if every < 1 and every != AUTO:
            raise UserError(f"--film {every}", wanted="a frame is taken every 1 or more iterations")
        self.path = path
        self.every = every

    def start(self, solver: Solver) -> None:
        """Draw the sample, build the net, and go on with the film of the iterations so far."""
        if self.every == AUTO:
            self.every = chosen_interval(solver.text.max_iter, images_per_step(solver))
        solver.film_every = self.every
        feed = _sampled_feed(solver)
        self._net = _recogniser(solver, feed)
        self._sample = draw_sample(feed.source, solver.seed, self._net)
        self._head = replace(self._sample.head, net=solver.net.graph.name, every=self.every)
        self._of_step: list[float] = []
        before = solver.film_losses
        self._losses: list[float] = []
        solver.film_losses = self._losses
        self._go_on(solver.iteration, before)

    def _go_on(self, iteration: int, pending: list[float]) -> None:
        """Keep what an uninterrupted run would have at `iteration`; its first frame if it is 0.

        The last frame of a shorter run goes, and its losses come with the next one; so do those
        `pending` when the snapshot was written, as far as no frame holds them.
        """
        frames, every = kept_frames(self.path, self._head, iteration)
        whole = every != self.every
        kept = tuple(f for f in frames if whole or is_due(f.iteration, self.every))
        last = kept[-1].iteration if kept else -1
        self._losses += [x for f in frames if f.iteration > last for x in f.losses.tolist()]
        held = max(0, frames[-1].iteration) if frames else 0
        self._losses += pending[max(0, len(pending) - (iteration - held)) :]
        self._last = last
        write_film(self.path, self._head, kept)
        if not kept and iteration == 0:
            self._take(iteration)

    def after_forward(self, solver: Solver, loss: float) -> None:
        """Note the loss."""
        self._of_step.append(loss)

    def after_step(self, solver: Solver) -> None:
        """A frame where one is due; before the snapshot, so that no resumed run lacks it."""
        self._losses.append(math.fsum(self._of_step) / len(self._of_step))
        self._of_step.clear()
        if is_due(solver.iteration, self.every):
            self._take(solver.iteration)

    def finish(self, solver: Solver) -> None:
        """The last weights."""
        if self._last != solver.iteration:
            self._take(solver.iteration)

    def _take(self, iteration: int) -> None:
        append_frame(self.path, take_frame(self._sample, self._net, iteration, self._losses))
        self._losses.clear()
        self._last = iteration


def is_due(iteration: int, every: int) -> bool:
    """Whether a frame is: at every multiple, and before the first at 0 and the powers of two."""
    return iteration % every == 0 or (iteration < every and iteration.bit_count() <= 1)


def chosen_interval(iterations: int, images: int) -> int:
    """The default interval: 1, 2 or 5 times a power of ten.

    The smallest with at most 100 frames in the run and a cost of at most 3 % (see _MOST_COST), for
    steps of so many images.
    """
    least = max(1.0, iterations / _FRAMES, SAMPLE_ITEMS / (3 * max(1, images) * _MOST_COST))
    power = int(10 ** math.floor(math.log10(least)))
    return next(power * step for step in (1, 2, 5, 10) if power * step >= least)


def _sampled_feed(solver: Solver) -> Feed:
    """The feed of the TEST net's data, else of the TRAIN net's."""
    for net in (*solver.test_nets[:1], solver.net):
        for node in net.graph.nodes:
            feed = feed_of(node.plan.facts)
            if feed is not None:
                return feed
    raise UserError(
        "the net reads no data set of which a film could show a sample",
        wanted="Data layers with a source such as MNIST.training have one",
        do="Train without --film.",
    )


def _recogniser(solver: Solver, feed: Feed) -> Recogniser:
    """The RUN net on the parameters of the TRAIN net."""
    text = solver.job.tests[0] if solver.job.tests else solver.job.train
    measured = solver.test_nets[0] if solver.test_nets else solver.net
    graph = compile_run_net(
        text.net,
        text.where,
        replace(text.state, phase=pb.RUN),
        {name: spec.shape for name, spec in measured.graph.blobs.items()},
        SAMPLE_BATCH,
        stored=param_shapes(solver.net.graph),
        passes=ALL_PASSES,
    )
    net = Net(graph, seed=solver.seed, share=solver.params)
    if net.params.infos:
        names = ", ".join(dict.fromkeys(info.layer for info in net.params.infos))
        raise UserError(
            f"layer {names} of the RUN net is not in the TRAIN net",
            wanted="a film shows what the weights in training make of the data",
            do="Train without --film.",
        )
    settings = replace(feed.transform.settings, mirror=False)
    return Recogniser(net, Transform(settings, feed.source.shape), SAMPLE_BATCH, feed.source.name)
