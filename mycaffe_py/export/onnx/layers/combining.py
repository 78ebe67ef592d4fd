"""Layers that combine several values: sums, products, means, largest ones."""

from __future__ import annotations

from mycaffe_py.export.onnx.onnx_net import Dims
from mycaffe_py.export.onnx.translator import FLOAT, PAST_THE_START, Site, translates
from mycaffe_py.proto.mycaffe_pb2 import EltwiseParameter, ReductionParameter


@translates("Eltwise")
def eltwise(at: Site) -> None:
    """Sum, Mul one by one, or Max."""
    if at.facts.operation == EltwiseParameter.SUM:
        terms = [
            x if c == 1 else at.op("Mul", x, at.constant(c))
            for x, c in zip(at.x, at.facts.coeff, strict=True)
        ]
        at.op("Sum", *terms, out=at.y[0])
    elif at.facts.operation == EltwiseParameter.MAX:
        at.op("Max", *at.x, out=at.y[0])
    else:
        product = at.x[0]
        for number, x in enumerate(at.x[1:], start=2):
            product = at.op("Mul", product, x, out=at.y[0] if number == len(at.x) else "")


@translates("Scale")
def scale(at: Site) -> None:
    """Mul, then Add, both along the axes that s has."""
    options = at.options.scale_param
    s = at.param(0) if at.facts.learned else at.x[1]
    small = _dims(at, learned=at.facts.learned)
    product = "" if at.facts.shifts else at.y[0]
    made = at.op("Mul", at.x[0], _along(at, s, small, options.axis), out=product)
    if at.facts.shifts:
        b = at.param(len(at.arrays) - 1)
        at.op("Add", made, _along(at, b, small, options.axis), out=at.y[0])


@translates("Axpy")
def axpy(at: Site) -> None:
    """The factors with axes of 1 behind; Mul, then Add."""
    axes = len(at.bottoms[1])
    factors = at.x[0]
    if len(at.bottoms[0]) != axes:
        factors = at.reshape(factors, (*at.bottoms[1][:2], *(1,) * (axes - 2)))
    at.op("Add", at.op("Mul", factors, at.x[1]), at.x[2], out=at.y[0])


@translates("Bias")
def bias(at: Site) -> None:
    """Add along the axes that b has."""
    learned = len(at.x) == 1
    b = at.param(0) if learned else at.x[1]
    axis = at.options.bias_param.axis
    at.op("Add", at.x[0], _along(at, b, _dims(at, learned=learned), axis), out=at.y[0])


def _dims(at: Site, *, learned: bool) -> Dims:
    """Lengths of the small blob."""
    return at.arrays[0].shape if learned else at.bottoms[1]


def _along(at: Site, small: str, dims: Dims, axis: int) -> str:
    """`small` with axes of 1 behind, so that it meets bottom 0 from `axis` on."""
    if not dims:
        return small
    axes = len(at.bottoms[0])
    behind = axes - axis % axes - len(dims)
    return at.unsqueeze(small, *range(len(dims), len(dims) + behind))


@translates("Reduction")
def reduction(at: Site) -> None:
    """One operator over the last axes, then the factor."""
    options = at.options.reduction_param
    kinds = {
        ReductionParameter.SUM: "ReduceSum",
        ReductionParameter.ASUM: "ReduceL1",
        ReductionParameter.SUMSQ: "ReduceSumSquare",
        ReductionParameter.MEAN: "ReduceMean",
    }
    kind = kinds[options.operation]
    axes = tuple(range(len(at.tops[0]), len(at.bottoms[0])))
    result = at.y[0] if options.coeff == 1 else ""
    if not axes:
        # Of a single number: its own sum and mean.
        alone = {"ReduceL1": ("Abs", 1), "ReduceSumSquare": ("Mul", 2)}.get(kind, ("Identity", 1))
        joined = at.op(alone[0], *at.x * alone[1], out=result)
    elif kind == "ReduceSum":
        joined = at.op(kind, at.x[0], at.whole(*axes), out=result, keepdims=0)
    else:
        joined = at.op(kind, at.x[0], out=result, axes=axes, keepdims=0)
    if not result:
        at.op("Mul", joined, at.constant(options.coeff), out=at.y[0])


@translates("Softmax")
def softmax(at: Site) -> None:
    """Along one axis."""
    at.op("Softmax", at.x[0], out=at.y[0], axis=at.options.softmax_param.axis)


@translates("ArgMax")
def argmax(at: Site) -> None:
    """TopK of the line read backwards: of equal values Caffe takes the one further back."""
    options = at.options.argmax_param
    dims = at.bottoms[0]
    x, axis = at.x[0], 1
    if options.HasField("axis"):
        axis = options.axis % len(dims)
        last = at.length(dims, axis) - 1
    else:
        x = at.op("Flatten", x, axis=1)
        last = -1
        count = 1
        for place in range(1, len(dims)):
            count *= at.length(dims, place)
        last = count - 1
    backwards = at.op(
        "Slice", x, at.whole(-1), at.whole(PAST_THE_START), at.whole(axis), at.whole(-1)
    )
    values, places = at.ops(
        "TopK", backwards, at.whole(options.top_k), out=(at.fresh("values"), at.fresh("places")),
        axis=axis,
    )  # fmt: skip
    index = at.op("Cast", at.op("Sub", at.whole(last), places), to=FLOAT)
    if options.HasField("axis"):
        at.same(index if at.facts.indices else values, at.y[0])
        return
    found = [index, values] if at.facts.values else [index]
    at.reshape(at.op("Concat", *found, axis=1), at.tops[0], out=at.y[0])
