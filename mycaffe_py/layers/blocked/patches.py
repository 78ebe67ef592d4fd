"""3 x 3 convolution, with what follows it, patch by patch, on pictures in blocks of channels."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from mycaffe_py.kernels.blocked.few_products import REACH, weight_matrix
from mycaffe_py.kernels.blocked.filters import pack_points
from mycaffe_py.kernels.blocked.patches import Plan, plan_patches
from mycaffe_py.kernels.blocked.storage import block_count
from mycaffe_py.kernels.blocked.winograd import convolve_patches_call
from mycaffe_py.kernels.sharing import Call
from mycaffe_py.kernels.vectors.vector import lanes
from mycaffe_py.layers.base import Array, LayerContext, LayerIO, LayerPlan, Scratch, Shape
from mycaffe_py.layers.blocked.convolution import BlockedConvolution, BlockedFacts


class BlockedPatches(BlockedConvolution):
    """The same by Winograd's minimal filtering: 36 products for 4 x 4 outputs, not 144.

    Its packed filters take four times the memory. A value that is no finite number makes NaN of
    all outputs of the patches that it is in.
    """

    def plan(self, ctx: LayerContext) -> LayerPlan[Any]:
        """As of the direct one, with the points of the filters."""
        plain = super().plan(ctx)
        facts: BlockedFacts = plain.facts

        def packed(dtype: Any) -> Shape:
            """For each pair of blocks of outputs its points, channels and outputs."""
            inputs, outputs = (shape[1] // facts.groups for shape in (facts.x.shape, facts.y.shape))
            pairs = facts.groups * ((block_count(outputs, dtype) + 1) // 2)
            return (pairs, REACH**2, block_count(inputs, dtype) * lanes(dtype), 2 * lanes(dtype))

        scratch = {**plain.scratch, "packed": Scratch(shape_of=packed, use="kept")}
        return replace(plain, scratch=scratch)

    def _convolve(self, facts: BlockedFacts, io: LayerIO[Any], added: Array, y: Array) -> Call:
        w, shift = io.scratch["packed"].reshape(-1), io.scratch["shift"]
        plan = _plan(facts, y.dtype)
        return convolve_patches_call(io.bottoms[0], w, shift, plan, added, self.relu, y)

    def _pack_filters(self, w: Array, factor: Array, groups: int, packed_out: Array) -> None:
        pack_points(w, factor, groups, weight_matrix(), packed_out)


@lru_cache(maxsize=4096)
def _plan(facts: BlockedFacts, dtype: Any) -> Plan:
    whole = (facts.x.whole, facts.y.whole)
    return plan_patches(facts.x.shape, facts.y.shape, facts.window[2], facts.groups, whole, dtype)
