"""Nets and solvers that can be read and say odd things: sizes, axes, names of all sorts."""

from __future__ import annotations

import re
from random import Random

_SHAPES = (
    (2, 3, 4, 5), (2, 1, 8, 8), (3, 2, 5, 5), (4, 6), (6,), (3, 2, 4), (2, 2, 3, 4, 5), (0, 3),
    (1, 1),
)  # fmt: skip
_FILLER = 'weight_filler { type: "xavier" }'
# Type and parameters; N is a small number.
_LAYERS = (
    ("InnerProduct", "inner_product_param { num_output: N FILLER }"),
    ("Convolution", "convolution_param { num_output: N kernel_size: N FILLER }"),
    ("Deconvolution", "convolution_param { num_output: N kernel_size: N stride: N }"),
    ("Pooling", "pooling_param { pool: MAX kernel_size: N stride: N pad: 0 }"),
    ("Pooling", "pooling_param { pool: AVE global_pooling: true }"),
    ("LRN", "lrn_param { local_size: 3 }"),
    ("LRN", "lrn_param { local_size: N norm_region: WITHIN_CHANNEL }"),
    ("BatchNorm", ""),
    ("Scale", "scale_param { axis: N bias_term: true }"),
    ("Bias", "bias_param { axis: N }"),
    ("LayerNorm", ""),
    ("MVN", "mvn_param { across_channels: true }"),
    ("Normalization1", ""),
    ("ReLU", "relu_param { negative_slope: 0.1 }"),
    ("PReLU", ""),
    ("ELU", "elu_param { alpha: 1 }"),
    ("TanH", ""), ("Sigmoid", ""), ("AbsVal", ""), ("BNLL", ""), ("GELU", ""), ("Mish", ""),
    ("SiLU", ""), ("Swish", "swish_param { beta: 1 }"), ("Log", "log_param { shift: 9 }"),
    ("Exp", "exp_param { base: 2 scale: 0.1 shift: 1 }"),
    ("Power", "power_param { power: 2 scale: 1 shift: 1 }"),
    ("Clip", "clip_param { min: -1 max: 1 }"),
    ("Threshold", "threshold_param { threshold: 0 }"),
    ("Dropout", "dropout_param { dropout_ratio: 0.5 }"),
    ("Flatten", "flatten_param { axis: N }"),
    ("Reshape", "reshape_param { shape { dim: 0 dim: -1 } }"),
    ("Transpose", "transpose_param { dim: 1 dim: 0 }"),
    ("Tile", "tile_param { axis: N tiles: N }"),
    ("Reduction", "reduction_param { operation: SUMSQ axis: N }"),
    ("Softmax", "softmax_param { axis: N }"),
    ("ArgMax", "argmax_param { top_k: N axis: N }"),
    ("SPP", "spp_param { pyramid_height: N }"),
    ("Im2col", "convolution_param { kernel_size: N }"),
    ("LSTM", "recurrent_param { num_output: N FILLER }"),
    ("RNN", "recurrent_param { num_output: N FILLER }"),
    ("Embed", "embed_param { input_dim: 5 num_output: N }"),
    ("Slice", "slice_param { axis: N }"),
    ("Eltwise", "eltwise_param { operation: SUM }"),
    ("Concat", "concat_param { axis: N }"),
    ("Split", ""),
    ("GradientScaler", ""),
    ("Decode", ""),
)  # fmt: skip
_PICTURES = ("Convolution", "Deconvolution", "Pooling", "LRN", "SPP", "Im2col")
_OTHERS = tuple(layer for layer in _LAYERS if layer[0] not in _PICTURES)
_FLAT = ("InnerProduct", "Flatten", "Reshape", "Reduction", "SPP", "LSTM", "RNN", "Embed", "ArgMax")
_LOSSES = (
    ("SoftmaxWithLoss", True), ("SoftmaxWithLoss", True), ("SoftmaxWithLoss", True),
    ("SoftmaxWithLoss", True), ("EuclideanLoss", True), ("HingeLoss", True),
    ("SigmoidCrossEntropyLoss", True), ("MultinomialLogisticLoss", True), ("TripletLoss", False),
    ("ContrastiveLoss", True), ("InfogainLoss", True), ("Accuracy", True), ("Silence", False),
)  # fmt: skip
_NUMBERS = (
    "0", "1", "2", "3", "-1", "-2", "5", "31", "32", "1000000", "2147483647", "-2147483648",
    "4294967295", "9223372036854775807", "0.5", "-0.5", "1e-30", "1e38", "inf", "nan", "1e400",
)  # fmt: skip
_WHOLE = _NUMBERS[:14]
_WORDS = (
    "x", "", "label", "l0", "ReLU", "Data", "Python", "MAX", "\u00e9\u00b2", "a/b", "a[0]", "$x$_$",
    "\x1b[31m", "\u202e", "*", "nan", "x" * 300, "digits28.training", "loss", "\udce9",
)  # fmt: skip
_NUMBER = re.compile(r"(?<=: )-?[0-9][0-9.e+-]*")
_WORD = re.compile(r'(?<=: )"[^"\n]*"')
_FIELD = re.compile(r"[a-z_0-9]+(?=:)")
_SOLVER = """\
net: "net.prototxt"
base_lr: 0.01
momentum: 0.9
weight_decay: 0.001
lr_policy: "{policy}"
gamma: 0.5
power: 0.75
stepsize: 10
stepvalue: 5
type: "{type}"
max_iter: 10
display: 1
test_iter: 1
test_interval: 5
snapshot: 0
snapshot_prefix: "made/net"
clip_gradients: 10
iter_size: 1
delta: 0.1
"""
_POLICIES = ("fixed", "step", "exp", "inv", "poly", "sigmoid", "multistep", "none")
_TYPES = ("SGD", "Nesterov", "AdaGrad", "RMSProp", "AdaDelta", "Adam", "AdamW")


def odd_net(random: Random) -> str:
    """A chain of one to five layers behind data, and a loss, with up to four changes."""
    layers, bottom = [_data(random)], "x"
    pictures = True
    for number in range(random.randrange(1, 6)):
        top = bottom if random.random() < 0.1 else f"l{number}"
        type_, options = random.choice(_LAYERS if pictures or random.random() < 0.1 else _OTHERS)
        layers.append(_layer(random, type_, options, number, bottom, top))
        pictures = pictures and type_ not in _FLAT
        bottom = top
    if random.random() < 0.8:
        product = "inner_product_param { num_output: 10 FILLER }"
        layers.append(_layer(random, "InnerProduct", product, 9, bottom, "l9"))
        bottom = "l9"
    loss, labelled = random.choice(_LOSSES)
    second = 'bottom: "label" ' * labelled
    layers.append(f'layer {{ name: "loss" type: "{loss}" bottom: "{bottom}" {second}top: "loss" }}')
    if random.random() < 0.25:
        _disorder(layers, random)
    return _changed("\n".join(layers) + "\n", random)


def _data(random: Random) -> str:
    head = 'layer { name: "data" top: "x" top: "label"'
    if random.random() < 0.5:
        source = 'data_param { source: "digits28.testing" batch_size: 4 }'
        return f'{head} type: "Data" {source} transform_param {{ scale: 0.01 }} }}'
    shape = random.choice(_SHAPES)
    dims = " ".join(f"dim: {size}" for size in shape)
    label = " ".join(f"dim: {size}" for size in (shape if random.random() < 0.2 else shape[:1]))
    return (
        f'{head} type: "DummyData"\n  dummy_data_param {{ shape {{ {dims} }} shape {{ {label} }}\n'
        '    data_filler { type: "gaussian" std: 1 } data_filler { type: "constant" value: 1 } } }'
    )


def _layer(random: Random, type_: str, options: str, number: int, bottom: str, top: str) -> str:
    more = f'bottom: "{bottom}" ' * (type_ in ("Eltwise", "Concat"))
    more += f'top: "{top}b" ' * (type_ in ("Slice", "Split"))
    more += 'bottom: "label" ' * (type_ in ("LSTM", "RNN", "Decode"))
    size = str(random.choice((1, 1, 1, 2, 2, 3, random.choice((0, 5)))))
    told = re.sub(r"\bN\b", size, options).replace("FILLER", _FILLER)
    head = f'name: "l{number}" type: "{type_}" bottom: "{bottom}" top: "{top}" {more}'
    return f"layer {{ {head}\n  {told} }}"


def _disorder(layers: list[str], random: Random) -> None:
    """One layer goes, comes twice, moves, or learns something of its own."""
    place = random.randrange(len(layers))
    change = random.randrange(6)
    if change == 0 and len(layers) > 1:
        del layers[place]
    elif change == 1:
        layers.insert(place, layers[place])
    elif change == 2:
        layers.insert(random.randrange(len(layers)), layers.pop(place))
    else:
        more = (
            'include { phase: TEST }', 'loss_weight: 0.5', 'param { lr_mult: 0 }',
            'param { name: "w" } param { name: "w" }', 'propagate_down: false',
            'exclude { stage: "x" }', 'freeze_learning: true', 'loss_weight: nan',
        )  # fmt: skip
        layers[place] = layers[place][:-1] + f" {random.choice(more)} }}"


def odd_solver(random: Random) -> str:
    """A solver of a random kind with up to four values changed."""
    text = _SOLVER.format(policy=random.choice(_POLICIES), type=random.choice(_TYPES))
    return _changed(text, random) if random.random() < 0.7 else text


def _changed(text: str, random: Random) -> str:
    for _ in range(random.choice((0, 0, 0, 0, 0, 1, 1, 2))):
        pattern = random.choice((_NUMBER, _NUMBER, _NUMBER, _NUMBER, _WORD, _WORD, _FIELD))
        found = list(pattern.finditer(text))
        if not found:
            continue
        match = random.choice(found)
        put = random.choice(found).group()
        if pattern is _NUMBER:
            put = random.choice(_NUMBERS if "." in match.group() else _WHOLE)
        if pattern is _WORD and random.random() < 0.6:
            put = f'"{random.choice(_WORDS)}"'
        text = text[: match.start()] + put + text[match.end() :]
    return text
