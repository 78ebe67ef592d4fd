"""InfogainLoss: cross entropy where each label wishes for several classes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mycaffe_py.kernels.losses.class_losses import infogain, infogain_backward
from mycaffe_py.kernels.losses.softmax import softmax_backward, softmax_forward
from mycaffe_py.layers.activation.softmax import blocks_around
from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.labels import read_labels
from mycaffe_py.layers.loss.loss_normalization import (
    counted_in,
    divisor,
    normalization_mode,
)
from mycaffe_py.printable import shown
from mycaffe_py.proto.blob import read_blob_file
from mycaffe_py.proto.templates import in_full
from mycaffe_py.proto.wire import WireError


@dataclass(frozen=True)
class InfogainFacts:
    """Scores as (outer, C, inner); the matrix of the file, None if a bottom holds it."""

    blocks: tuple[int, int, int]
    mode: int
    ignored: tuple[int, ...]
    because: str
    matrix: Array | None


@register
class InfogainLoss(Layer[InfogainFacts]):
    """Cross entropy of a softmax in which a matrix says what each label asks of every class.

    Formula:
        p = softmax(x) over the class axis; loss = -sum over labels l and classes c of
        H[l, c] log max(p_c, 1e-20) / Z; dx_c = w * (p_c * sum of H[l] - H[l, c]) / Z, with w the
        loss weight. With H the identity it is SoftmaxWithLoss. Z and ignore_label as there.
    Shapes:
        x (N, C, ...) scores, axis by infogain_loss_param.axis; labels (N, ...) without the class
        axis, or with 1 in its place; H C * C numbers, the third bottom or the file
        infogain_loss_param.source (a BlobProto), looked for from the current folder, then from
        the folder of the net's text; loss (); second top, if any, p.
    Source:
        As in Caffe; H gets no gradient. A missing second loss weight means 0, a gradient that
        comes back through p is passed on, and a label out of range stops.
    Example:
        layer {
          name: "loss" type: "InfogainLoss" bottom: "x" bottom: "label" bottom: "H" top: "loss"
        }
    """

    type = "InfogainLoss"
    spellings = ("Infogain_Loss",)
    bottom_count = Count(2, 3)
    top_count = Count(1, 2)
    is_loss = True
    takes_logarithm = True
    judges = "class"
    no_gradient = (1, 2)
    backward_reads = ("bottoms", "scratch")
    example = ((3, 4), (3,), (4, 4))

    def plan(self, ctx: LayerContext) -> LayerPlan[InfogainFacts]:
        """Scalar top, and the probabilities in scratch."""
        axis = ctx.axis(ctx.param.infogain_loss_param.axis, at=("infogain_loss_param", "axis"))
        scores, labels = ctx.bottoms[:2]
        blocks = blocks_around(scores.shape, axis)
        if labels.count != blocks[0] * blocks[2]:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[1]}' is {labels.shape}",
                at=("bottom", 1),
                wanted=f"bottom '{ctx.param.bottom[0]}' is {scores.shape} with the classes on "
                f"axis {axis}, which needs {blocks[0] * blocks[2]} labels",
            )
        loss = ctx.param.loss_param
        if loss.HasField("normalize"):
            raise ctx.error(
                "normalize",
                at=("loss_param", "normalize"),
                wanted="this loss knows loss_param.normalization only",
            )
        facts = InfogainFacts(
            blocks=blocks,
            mode=normalization_mode(ctx),
            ignored=(loss.ignore_label,) if loss.HasField("ignore_label") else (),
            because=f"bottom '{ctx.param.bottom[0]}' has {blocks[1]} scores on axis {axis}",
            matrix=_matrix(ctx, blocks[1]),
        )
        places = (blocks[0], blocks[2])
        return LayerPlan(
            tops=(BlobSpec(()), BlobSpec(scores.shape))[: ctx.top_count],
            scratch={
                "probabilities": Scratch(scores.shape),
                "labels": Scratch(places, np.int64),
                "counted": Scratch(places, np.bool_),
            },
            facts=facts,
        )

    def forward(self, io: LayerIO[InfogainFacts]) -> None:
        """Probabilities, then their weighted cross entropy."""
        facts = io.facts
        p = io.scratch["probabilities"].reshape(facts.blocks)
        labels, counted = io.scratch["labels"], io.scratch["counted"]
        given = io.bottoms[1].reshape(labels.shape)
        labels[...], counted[...] = read_labels(
            io, given, facts.blocks[1], facts.ignored, because=facts.because
        )
        softmax_forward(io.bottoms[0].reshape(facts.blocks), p)
        io.tops[0][...] = infogain(p, labels, counted, _weights(io)) / self._divisor(io)
        if len(io.tops) > 1:
            io.tops[1][...] = io.scratch["probabilities"]

    def backward(self, io: LayerIO[InfogainFacts]) -> None:
        """The formula above, plus the gradient that comes through the second top."""
        if io.dbottoms[0] is None:
            return
        facts = io.facts
        p, dx = (a.reshape(facts.blocks) for a in (io.scratch["probabilities"], io.dbottoms[0]))
        labels, counted = io.scratch["labels"], io.scratch["counted"]
        factor = float(io.dtops[0]) / self._divisor(io)
        infogain_backward(p, labels, counted, _weights(io), factor, dx)
        if len(io.dtops) > 1 and io.dtops[1].any():
            through = np.empty_like(p)
            softmax_backward(p, io.dtops[1].reshape(facts.blocks), through)
            dx += through

    def mean_of(self, io: LayerIO[InfogainFacts]) -> float | None:
        """What loss_param.normalization says."""
        outer, _, inner = io.facts.blocks
        return counted_in(io.facts.mode, outer, inner, int(io.scratch["counted"].sum()))

    def _divisor(self, io: LayerIO[InfogainFacts]) -> float:
        outer, _, inner = io.facts.blocks
        return divisor(io.facts.mode, outer, inner, int(io.scratch["counted"].sum()))


def _weights(io: LayerIO[InfogainFacts]) -> Array:
    """H as (C, C), of the net's type."""
    classes = io.facts.blocks[1]
    given = io.bottoms[2] if io.facts.matrix is None else io.facts.matrix
    return given.reshape(classes, classes).astype(io.bottoms[0].dtype, copy=False)


def _matrix(ctx: LayerContext, classes: int) -> Array | None:
    """H of the file; None where the third bottom holds it. Either is checked."""
    at: tuple[str | int, ...] = ("infogain_loss_param", "source")
    matrix = None
    if len(ctx.bottoms) > 2:
        at = ("bottom", 2)
        shape, name = ctx.shapes[2], f"bottom '{ctx.param.bottom[2]}'"
    else:
        matrix, name = _read_source(ctx)
        shape = matrix.shape
    if BlobSpec(shape).count != classes * classes:
        raise ctx.error(
            f"{name} is {shape}",
            at=at,
            wanted=f"bottom '{ctx.param.bottom[0]}' has {classes} classes, which needs a matrix "
            f"of {classes} x {classes}",
        )
    return matrix


def _read_source(ctx: LayerContext) -> tuple[Array, str]:
    source = ctx.param.infogain_loss_param.source
    if not source:
        raise ctx.error(
            "no matrix", wanted="infogain_loss_param.source names its file, or it is a third bottom"
        )
    at = ("infogain_loss_param", "source")
    path = in_full(source)
    beside = Path(ctx.where.file).parent / path
    if not path.is_file() and beside.is_file():
        path = beside
    try:
        blob = read_blob_file(path)
    except OSError as error:
        raise ctx.error(f"source {source} cannot be read: {error.strerror}", at=at) from error
    except WireError as error:
        raise ctx.error(f"source {source} is no BlobProto: {error}", at=at) from error
    except ValueError as error:
        raise ctx.error(f"source '{shown(source)}' is no file name", at=at) from error
    return blob.array, f"the blob in {source}"
