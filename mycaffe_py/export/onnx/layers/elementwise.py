"""Layers that treat every value by itself."""

from __future__ import annotations

import math

import numpy as np

from mycaffe_py.export.onnx.translator import FLOAT, WHOLE, Site, translates


@translates("AbsVal", "TanH", "Sigmoid", "BNLL")
def by_name(at: Site) -> None:
    """What ONNX has under another name."""
    names = {"AbsVal": "Abs", "TanH": "Tanh", "Sigmoid": "Sigmoid", "BNLL": "Softplus"}
    at.op(names[at.node.layer.type], at.x[0], out=at.y[0])


@translates("ReLU")
def relu(at: Site) -> None:
    """With a slope below 0 it is LeakyRelu."""
    if at.facts.slope:
        at.op("LeakyRelu", at.x[0], out=at.y[0], alpha=at.facts.slope)
    else:
        at.op("Relu", at.x[0], out=at.y[0])


@translates("ReLU6")
def relu6(at: Site) -> None:
    """The rectifier, cut at 6."""
    if at.facts.slope:
        at.op("Min", at.op("LeakyRelu", at.x[0], alpha=at.facts.slope), at.constant(6), out=at.y[0])
    else:
        at.op("Clip", at.x[0], at.constant(0), at.constant(6), out=at.y[0])


@translates("PReLU")
def prelu(at: Site) -> None:
    """Slopes (C,) lie along axis 1."""
    slope = at.param(0)
    axes = len(at.bottoms[0])
    if at.arrays[0].ndim:
        slope = at.unsqueeze(slope, *range(1, axes - 1))
    at.op("PRelu", at.x[0], slope, out=at.y[0])


@translates("ELU")
def elu(at: Site) -> None:
    """alpha (exp(x) - 1) below 0."""
    at.op("Elu", at.x[0], out=at.y[0], alpha=at.facts.alpha)


@translates("Swish")
def swish(at: Site) -> None:
    """x sigmoid(beta x)."""
    x = at.x[0]
    scaled = x if at.facts.beta == 1 else at.op("Mul", x, at.constant(at.facts.beta))
    at.op("Mul", x, at.op("Sigmoid", scaled), out=at.y[0])


@translates("Clip")
def clip(at: Site) -> None:
    """Into a range."""
    at.op("Clip", at.x[0], at.constant(at.facts.low), at.constant(at.facts.high), out=at.y[0])


@translates("Threshold")
def threshold(at: Site) -> None:
    """1 above, else 0."""
    above = at.op("Greater", at.x[0], at.constant(at.facts.threshold))
    at.op("Cast", above, out=at.y[0], to=FLOAT)


@translates("Exp")
def exp(at: Site) -> None:
    """outer exp(inner x)."""
    x = at.op("Mul", at.x[0], at.constant(at.facts.inner))
    at.op("Mul", at.op("Exp", x), at.constant(at.facts.outer), out=at.y[0])


@translates("Log")
def log(at: Site) -> None:
    """factor ln(shift + scale x)."""
    x = _scaled(at, at.facts.scale, at.facts.shift)
    at.op("Mul", at.op("Log", x), at.constant(at.facts.factor), out=at.y[0])


@translates("Power")
def power(at: Site) -> None:
    """(shift + scale x)^power; without x where the scale or the power is 0."""
    facts = at.facts
    if facts.constant:
        value = np.float32(np.float64(facts.shift) ** facts.power)
        at.op("Expand", at.constant(value), at.op("Shape", at.x[0]), out=at.y[0])
        return
    x = _scaled(at, facts.scale, facts.shift)
    if facts.power == 1:
        at.same(x, at.y[0])
    elif facts.power == 2:
        at.op("Mul", x, x, out=at.y[0])
    else:
        at.op("Pow", x, at.constant(facts.power), out=at.y[0])


@translates("SiLU")
def silu(at: Site) -> None:
    """x sigmoid(x)."""
    at.op("Mul", at.x[0], at.op("Sigmoid", at.x[0]), out=at.y[0])


@translates("Mish")
def mish(at: Site) -> None:
    """x tanh(log(1 + e^x)), or of x itself above the threshold."""
    x = at.x[0]
    above = at.op("Greater", x, at.constant(at.facts.threshold))
    softened = at.op("Where", above, x, at.op("Softplus", x))
    at.op("Mul", x, at.op("Tanh", softened), out=at.y[0])


@translates("GELU")
def gelu(at: Site) -> None:
    """x/2 (1 + erf(x / sqrt 2)), or with tanh(sqrt(2/pi) (x + 0.044715 x^3)) for erf."""
    x = at.x[0]
    if at.options.gelu_param.enable_bert_version:
        cube = at.op("Mul", at.op("Mul", at.op("Mul", x, x), x), at.constant(0.044715))
        inner = at.op("Mul", at.op("Add", x, cube), at.constant(math.sqrt(2 / math.pi)))
        bent = at.op("Tanh", inner)
    else:
        bent = at.op("Erf", at.op("Mul", x, at.constant(math.sqrt(0.5))))
    half = at.op("Mul", x, at.constant(0.5))
    at.op("Mul", half, at.op("Add", bent, at.constant(1)), out=at.y[0])


@translates("LabelMapping")
def label_mapping(at: Site) -> None:
    """One Where for each label that is replaced; all look at the label as it was."""
    label = at.op("Cast", at.op("Cast", at.x[0], to=WHOLE), to=FLOAT)
    mapped = label
    for old, new in at.facts.pairs:
        is_old = at.op("Equal", label, at.constant(old))
        mapped = at.op("Where", is_old, at.constant(new), mapped)
    at.same(mapped, at.y[0])


@translates("Dropout")
def dropout(at: Site) -> None:
    """Nothing is dropped outside training; scale_train false makes all values smaller instead."""
    if at.facts.ratio:
        raise at.refuse(
            "sample_weights_test",
            at=("dropout_param", "sample_weights_test"),
            do="Leave it out: a file of ONNX gives the same answer each time.",
        )
    if at.facts.factor == 1:
        at.same(at.x[0], at.y[0])
    else:
        at.op("Mul", at.x[0], at.constant(at.facts.factor), out=at.y[0])


@translates("GradientScaler")
def gradient_scaler(at: Site) -> None:
    """There are no gradients."""
    at.same(at.x[0], at.y[0])


def _scaled(at: Site, scale: float, shift: float) -> str:
    x = at.x[0]
    if scale != 1:
        x = at.op("Mul", x, at.constant(scale))
    return at.op("Add", x, at.constant(shift)) if shift else x
