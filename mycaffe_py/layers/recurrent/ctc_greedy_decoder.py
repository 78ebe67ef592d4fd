"""CTCGreedyDecoder: the labels of a sequence, by the likeliest class of each step."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mycaffe_py.kernels.recurrent.ctc import greedy_labels
from mycaffe_py.layers.base import (
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    Shape,
    register,
)
from mycaffe_py.layers.recurrent.ctc_comparing import likeness, share_right


@dataclass(frozen=True)
class CTCGreedyDecoderFacts:
    """Steps, rows and classes; the class that is no label; which bottoms there are (0: none).

    `scored` and `compared` say which tops hold scores and the share of right rows, 0 for none.
    `alike`: the only top says how alike labels and the second bottom are.
    """

    sizes: tuple[int, int, int]
    blank: int
    merged: bool
    marks: int
    wanted: int
    scored: int
    compared: int
    alike: bool


@register
class CTCGreedyDecoder(Layer[CTCGreedyDecoderFacts]):
    """Takes the likeliest class of each step, equal neighbours once, and leaves out blanks.

    Formula:
        k_t = the first class with the greatest x_t; y = the k_t that are not `blank_index` and,
        with ctc_merge_repeated, not k_t-1; -1 behind the last. No gradient.
    Shapes:
        x (T, N, C), probabilities or scores; y (N, T, 1, 1). Further bottoms: marks (T, N), where
        the first 0 behind step 0 ends a sequence; wanted labels (T, N) of each row down a column,
        ended by one below 0. Further tops: with marks alone scores (N, 1, 1, 1), minus the sum of
        the greatest x; with wanted labels, behind the scores if these are asked for, the share of
        rows that are right in all their labels, (1, 1, 1, 1). caffe_ocr's: wanted labels (N, L)
        of each row as second and last bottom, one top (1, 2, 1, 1): 1 - the mean edit distance of
        a row in parts of its longer side, and the share of rows that are right.
    Source:
        Graves and others: Connectionist Temporal Classification, 2006. As in the forks for reading
        text. Differences: a row is right when all its labels are and there are no others (there
        labels behind the wanted ones did not count), and a blank_index that no class has is
        refused. x alone is read too: all sequences have T steps then. A second bottom (T, N) is
        marks, where N is T too. A row that wants no label and has none is right; there it counted
        in the first figure alone.
    Example:
        layer {
          name: "read" type: "CTCGreedyDecoder" bottom: "x" bottom: "marks" top: "labels"
          ctc_decoder_param { blank_index: 0 }
        }
    """

    type = "CTCGreedyDecoder"
    bottom_count = Count(1, 3)
    top_count = Count(1, 3)
    has_backward = False
    example = ((4, 2, 3), (4, 2))

    def plan(self, ctx: LayerContext) -> LayerPlan[CTCGreedyDecoderFacts]:
        """A row of labels for each sequence."""
        options, shape = ctx.param.ctc_decoder_param, ctx.shapes[0]
        if len(shape) < 3 or math.prod(shape[3:]) != 1 or not shape[2]:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[0]}' is {shape}",
                at=("bottom", 0),
                wanted="steps, rows and classes, (T, N, C)",
            )
        steps, rows, classes = shape[:3]
        alike = _is_alike(ctx, steps, rows)
        for index in range(1, 1 if alike else len(ctx.bottoms)):
            if ctx.bottoms[index].shape[:2] != (steps, rows) or (
                ctx.bottoms[index].count != steps * rows
            ):
                raise ctx.error(
                    f"bottom '{ctx.param.bottom[index]}' is {ctx.shapes[index]}",
                    at=("bottom", index),
                    wanted=f"bottom '{ctx.param.bottom[0]}' is {shape}, which asks for "
                    f"{(steps, rows)}",
                )
        facts = CTCGreedyDecoderFacts(
            sizes=(steps, rows, classes),
            blank=_blank(ctx, classes),
            merged=options.ctc_merge_repeated,
            marks=1 if len(ctx.bottoms) > 1 and not alike else 0,
            wanted=2 if len(ctx.bottoms) > 2 else 0,
            alike=alike,
            **_tops(ctx),
        )
        if alike:
            top = BlobSpec((1, 2, 1, 1))
            room = Scratch((rows, steps))
            return LayerPlan(tops=(top,), scratch={"labels": room}, facts=facts)
        tops: list[Shape] = [(rows, steps, 1, 1)]
        tops += [(rows, 1, 1, 1)] if facts.scored else []
        tops += [(1, 1, 1, 1)] if facts.compared else []
        return LayerPlan(tops=tuple(BlobSpec(top) for top in tops), facts=facts)

    def forward(self, io: LayerIO[CTCGreedyDecoderFacts]) -> None:
        """Read each row, then compare."""
        facts = io.facts
        steps, rows, _ = facts.sizes
        labels = io.scratch["labels"] if facts.alike else io.tops[0].reshape(rows, steps)
        labels[...] = -1
        lengths = np.full(rows, steps)
        if facts.marks:
            lengths = _ends(io.bottoms[facts.marks].reshape(steps, rows) == 0)
        counts = np.empty(rows, np.int64)
        scores = np.empty(rows, labels.dtype)
        x = io.bottoms[0].reshape(facts.sizes)
        greedy_labels(x, lengths, facts.blank, facts.merged, labels, counts, scores)
        if facts.alike:
            wanted = io.bottoms[1].reshape(rows, -1) if rows else io.bottoms[1]
            io.tops[0][0, :, 0, 0] = likeness(labels, counts, wanted, facts.blank)
        if facts.scored:
            io.tops[facts.scored].reshape(rows)[...] = scores
        if facts.compared:
            wanted = io.bottoms[facts.wanted].reshape(steps, rows)
            io.tops[facts.compared][...] = share_right(labels, counts, wanted)


def _blank(ctx: LayerContext, classes: int) -> int:
    """The class that is no label."""
    blank = ctx.param.ctc_decoder_param.blank_index
    if blank >= classes:
        raise ctx.error(
            f"blank_index {blank}",
            at=("ctc_decoder_param", "blank_index"),
            wanted=f"0 to {classes - 1}, as there are {classes} classes; or -1 for the last",
        )
    return classes - 1 if blank < 0 else blank


def _is_alike(ctx: LayerContext, steps: int, rows: int) -> bool:
    """Whether a second bottom holds the wanted labels of each row, and no marks."""
    if len(ctx.bottoms) != 2 or ctx.top_count != 1:
        return False
    shape = ctx.shapes[1]
    return len(shape) > 1 and shape[0] == rows and shape[:2] != (steps, rows)


def _tops(ctx: LayerContext) -> dict[str, int]:
    """Which tops hold scores and the share of right rows."""
    if len(ctx.bottoms) > 2:
        return {"scored": 1 if ctx.top_count > 2 else 0, "compared": ctx.top_count - 1}
    if ctx.top_count > 2:
        raise ctx.error(
            "3 tops",
            at=("top", 2),
            wanted="labels and scores; the share of right rows needs a third bottom, the wanted "
            "labels",
        )
    return {"scored": ctx.top_count - 1, "compared": 0}


def _ends(over: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """(N,) lengths: where behind step 0 the first of (T, N) is true, else T."""
    steps = len(over)
    if steps < 2:
        return np.full(over.shape[1], steps)
    later = over[1:]
    ends: npt.NDArray[np.int64] = np.where(later.any(axis=0), later.argmax(axis=0) + 1, steps)
    return ends
