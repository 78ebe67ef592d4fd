"""Makes the film of a run: how the net's map of a fixed sample of the data changes."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.transform.transform import Transform
from mycaffe_py.data.transform.transform_text import transform_settings
from mycaffe_py.engine.answering_net import AnsweringNet
from mycaffe_py.engine.net import Net
from mycaffe_py.engine.sample import SAMPLE_BATCH, SAMPLE_ITEMS, draw_sample, take_frame
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import ALL_PASSES, compile_run_net
from mycaffe_py.graph.model import Node
from mycaffe_py.layers.data.fed_layer import source_of
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.film import append_frame, kept_frames, write_film
from mycaffe_py.solver.hooks.display import images_per_step
from mycaffe_py.solver.hooks.hook import Hook, Run
from mycaffe_py.solver.nets import param_shapes

# An interval of AUTO is chosen from the length of the run and the size of its batches.
AUTO = -1
_FRAMES = 100
# A step's backward takes twice its forward, so a frame every `interval` iterations costs
# SAMPLE_ITEMS / (3 * images of a step * interval) of the training: at most this.
_MOST_COST = 0.03


class FilmRun(Hook):
    """Writes a frame after 0, 1, 2, 4, 8 ... iterations, every `every` of them, and at the end.

    The sample goes through a RUN net that shares the parameters of the net in training. So a frame
    changes nothing of the training: no random stream, no centroid, no statistics.
    """

    writes = True

    def __init__(self, path: Path, every: int) -> None:
        """`path` is the film; `every` is at least 1, or AUTO."""
        if every < 1 and every != AUTO:
            raise UserError(f"--film {every}", wanted="a frame is taken every 1 or more iterations")
        self.path = path
        self.every = every

    def start(self, solver: Run) -> None:
        """Draw the sample, build the net, and go on with the film of the iterations so far."""
        if self.every == AUTO:
            self.every = chosen_interval(solver.text.max_iter, images_per_step(solver))
        solver.record.film_every = self.every
        node, source = _sampled(solver)
        self._net = _answering_net(solver, node, source)
        self._sample = draw_sample(source, solver.seed, self._net)
        self._head = replace(self._sample.head, net=solver.net.graph.name, every=self.every)
        self._of_step: list[float] = []
        before = solver.record.film_losses
        self._losses: list[float] = []
        solver.record.film_losses = self._losses
        self._go_on(solver.iteration, before)

    def _go_on(self, iteration: int, pending: list[float]) -> None:
        """Keep the frames that an uninterrupted run would have at `iteration`.

        A shorter run has added a last frame that would not be due: it is removed, and its losses
        go into the next frame, as do the losses that were `pending` when the snapshot was written.
        A new run gets its first frame.
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

    def after_forward(self, solver: Run, loss: float) -> None:
        """Note the loss."""
        self._of_step.append(loss)

    def after_step(self, solver: Run) -> None:
        """Add a frame if one is due; before the snapshot, so that no resumed run lacks it."""
        self._losses.append(math.fsum(self._of_step) / len(self._of_step))
        self._of_step.clear()
        if is_due(solver.iteration, self.every):
            self._take(solver.iteration)

    def finish(self, solver: Run) -> None:
        """Add a frame of the last weights, unless they have one."""
        if self._last != solver.iteration:
            self._take(solver.iteration)

    def _take(self, iteration: int) -> None:
        append_frame(self.path, take_frame(self._sample, self._net, iteration, self._losses))
        self._losses.clear()
        self._last = iteration


def is_due(iteration: int, every: int) -> bool:
    """Whether a frame is due: at multiples of `every`; before the first, at 0 and powers of two."""
    return iteration % every == 0 or (iteration < every and iteration.bit_count() <= 1)


def chosen_interval(iterations: int, images: int) -> int:
    """The default interval for a run of `iterations` steps, each of which learns from `images`.

    It is 1, 2 or 5 times a power of ten: the smallest that makes at most 100 frames and costs at
    most 3 % of the training (see _MOST_COST).
    """
    least = max(1.0, iterations / _FRAMES, SAMPLE_ITEMS / (3 * max(1, images) * _MOST_COST))
    power = int(10 ** math.floor(math.log10(least)))
    return next(power * step for step in (1, 2, 5, 10) if power * step >= least)


def _sampled(solver: Run) -> tuple[Node, ArraySource]:
    """The data layer of the TEST net, else of the TRAIN net, and the data set that it reads."""
    for net in (*solver.test_nets[:1], solver.net):
        for node in net.graph.nodes:
            source = source_of(node.plan.facts)
            if source is not None:
                return node, source
    raise UserError(
        "the net reads no data set of which a film could show a sample",
        wanted="Data layers with a source such as MNIST.training have one",
        do="Train without --film.",
    )


def _answering_net(solver: Run, node: Node, source: ArraySource) -> AnsweringNet:
    """The RUN net on the parameters of the TRAIN net; it sees the images of `node` unmirrored."""
    text = solver.job.tests[0] if solver.job.tests else solver.job.train
    measured = solver.test_nets[0] if solver.test_nets else solver.net
    graph = compile_run_net(
        text.in_phase(pb.RUN),
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
    given, at = node.context.param.transform_param, node.context.where.under("transform_param")
    settings = replace(transform_settings(given, source, at), mirror=False)
    return AnsweringNet(net, Transform(settings, source.shape), SAMPLE_BATCH, source.name)
