"""Interp and Upsample: maps of another size."""

from __future__ import annotations

from mycaffe_py.export.onnx.translator import WHOLE, Site, translates


@translates("Interp")
def interp(at: Site) -> None:
    """Resize with aligned corners; what pad_beg and pad_end leave out is cut off first."""
    cut, inside = at.facts.cut, at.facts.inside
    height, width = (at.length(at.tops[0], axis) for axis in (2, 3))
    before = tuple(at.length(at.bottoms[0], axis) for axis in (2, 3))
    x = at.x[0]
    if inside != before:
        ends = tuple(cut + length for length in inside)
        x = at.op("Slice", x, at.whole(cut, cut), at.whole(*ends), at.whole(2, 3))
    # The sizes and not their ratios: rounded ones can give another size.
    kept = at.op("Slice", at.op("Shape", x), at.whole(0), at.whole(2))
    sizes = at.op("Concat", kept, at.whole(height, width), axis=0)
    at.op(
        "Resize", x, "", "", sizes, out=at.y[0],
        mode="linear", coordinate_transformation_mode="align_corners",
    )  # fmt: skip


@translates("Upsample")
def upsample(at: Site) -> None:
    """Resize to the nearest pixel; or the values scattered to their places in planes of 0."""
    if at.facts.times:
        factors = at.constant([1, 1, at.facts.times, at.facts.times])
        at.op(
            "Resize", at.x[0], "", factors, out=at.y[0], mode="nearest",
            coordinate_transformation_mode="asymmetric", nearest_mode="floor",
        )  # fmt: skip
        return
    n, c, *_ = at.bottoms[0]
    sizes = [at.length(at.tops[0], axis) for axis in (2, 3)]
    small = tuple(at.length(at.bottoms[0], axis) for axis in (2, 3))
    x = at.reshape(at.x[0], (n, c, small[0] * small[1]))
    places = at.op("Cast", at.reshape(at.x[1], (n, c, small[0] * small[1])), to=WHOLE)
    # An empty plane of the right size for each that x has, whatever the batch.
    plane = at.op("ReduceSum", at.op("Mul", x, at.constant(0)), at.whole(2))
    planes = at.op("Expand", plane, at.whole(1, 1, sizes[0] * sizes[1]))
    made = at.op("ScatterElements", planes, places, x, axis=2)
    at.reshape(made, at.tops[0], out=at.y[0])
