"""LabelMapping: labels replaced by others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register

FIELD = "labelmapping_param"
_ENTRY = re.compile(r"\s*(-?\d+)\s*->\s*(-?\d+)\s*")


def new_labels(mapping: Iterable[str]) -> dict[int, int]:
    """New labels by old ones, of entries such as "7->1" that have been found right."""
    matches = (_ENTRY.fullmatch(entry) for entry in mapping)
    return {int(found[1]): int(found[2]) for found in matches if found}


@dataclass(frozen=True)
class LabelMappingFacts:
    """Pairs of an old and a new label."""

    pairs: tuple[tuple[int, int], ...]


@register
class LabelMapping(Layer[LabelMappingFacts]):
    """Replaces labels: classes are joined, renumbered, or made into one that is ignored.

    Formula:
        y = new for a label that an entry "old->new" of mapping names, else the label. No chains:
        what an entry makes is not replaced again.
    Shapes:
        x and y labels of any shape, the same.
    Source:
        As in MyCaffe. What works on its database is refused: update_database,
        reset_database_labels, label_boosts and conditions on a boost ("1->2?boost=1"). An old
        label is named once.
    Example:
        layer {
          name: "fewer" type: "LabelMapping" bottom: "label" top: "fewer"
          labelmapping_param { mapping: "7->1" mapping: "9->4" }
        }
    """

    type = "LabelMapping"
    has_backward = False
    no_gradient = (0,)
    rows_independent = True
    example = ((4,),)

    def plan(self, ctx: LayerContext) -> LayerPlan[LabelMappingFacts]:
        """Read the entries; the number of labels follows from the greatest new one."""
        options = ctx.param.labelmapping_param
        for name in ("update_database", "reset_database_labels", "label_boosts"):
            if getattr(options, name):
                raise ctx.error(
                    name,
                    at=(FIELD, name),
                    wanted="mapping alone: labels of a dataset are not changed by a net",
                )
        pairs: dict[int, int] = {}
        for index, entry in enumerate(options.mapping):
            found = _ENTRY.fullmatch(entry)
            if found is None or int(found[1]) in pairs:
                raise ctx.error(
                    f"mapping '{entry}'" + (" names a label again" if found else ""),
                    at=(FIELD, "mapping", index),
                    wanted="an old and a new label, as in 7->1, each old label once",
                )
            pairs[int(found[1])] = int(found[2])
        (spec,) = ctx.bottoms
        labels = [pairs.get(label, label) for label in range(spec.label_count)]
        count = max(0, max(labels, default=-1) + 1)
        return LayerPlan(
            tops=(BlobSpec(spec.shape, count),), facts=LabelMappingFacts(tuple(pairs.items()))
        )

    def forward(self, io: LayerIO[LabelMappingFacts]) -> None:
        """Copy the labels, then replace those that an entry names."""
        x, y = io.bottoms[0], io.tops[0]
        whole = np.trunc(x)
        y[...] = whole
        for old, new in io.facts.pairs:
            y[whole == old] = new
