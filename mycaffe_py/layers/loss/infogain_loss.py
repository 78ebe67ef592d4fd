"""InfogainLoss: cross entropy where each label wishes for several classes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mycaffe_py.kernels.losses.class_losses import infogain, infogain_backward
from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Count,
    LayerContext,
    LayerIO,
    LayerPlan,
    register,
)
from mycaffe_py.layers.labels import Flags, Labels
from mycaffe_py.layers.loss.softmax_loss import ScoreFacts, SoftmaxLoss, score_facts
from mycaffe_py.printable import shown
from mycaffe_py.proto.blob import read_blob_file
from mycaffe_py.proto.templates import in_full
from mycaffe_py.proto.wire import WireError


@dataclass(frozen=True)
class InfogainFacts(ScoreFacts):
    """And the matrix of the file, None if a bottom holds it."""

    matrix: Array | None


@register
class InfogainLoss(SoftmaxLoss[InfogainFacts]):
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
    no_gradient = (1, 2)
    backward_reads = ("bottoms", "scratch")
    example = ((3, 4), (3,), (4, 4))

    def plan(self, ctx: LayerContext) -> LayerPlan[InfogainFacts]:
        """With the matrix."""
        axis = ctx.axis(ctx.param.infogain_loss_param.axis, at=("infogain_loss_param", "axis"))
        of = score_facts(ctx, axis)
        if ctx.param.loss_param.HasField("normalize"):
            raise ctx.error(
                "normalize",
                at=("loss_param", "normalize"),
                wanted="this loss knows loss_param.normalization only",
            )
        return self.planned(ctx, InfogainFacts(**vars(of), matrix=_matrix(ctx, of.blocks[1])))

    def loss(self, io: LayerIO[InfogainFacts], p: Array, labels: Labels, counted: Flags) -> float:
        """Weighted cross entropy."""
        total: float = infogain(p, labels, counted, _weights(io))
        return total

    def set_gradient(
        self,
        io: LayerIO[InfogainFacts],
        p: Array,
        labels: Labels,
        counted: Flags,
        factor: float,
        dx: Array,
    ) -> None:
        """The formula above."""
        infogain_backward(p, labels, counted, _weights(io), factor, dx)


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
