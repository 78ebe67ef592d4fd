"""The model and solver texts of an encoder that fits the data it learns from.

One branch, whose weights all images share: a batch holds several images of several classes, and the
loss compares each with each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mycaffe_py.array_types import Shape
from mycaffe_py.proto.fitted.branch_text import branch
from mycaffe_py.proto.fitted.data_facts import DataFacts
from mycaffe_py.proto.fitted.trunk import Block, blocks

MODEL, SOLVER = "encoder.prototxt", "encoder.solver"

# Without a second image of its class in the batch, an image has nothing to be like.
_LEAST_OF_A_CLASS = 2
_MOST_CLASSES = 32

_DATA = """name: "Encoder"

layer {{
  name: "data" type: "Data" top: "data" top: "label"
  exclude {{ phase: RUN }}
  transform_param {{ mean_value: {mean!r} scale: {scale!r} }}
  data_param {{
    source: "digits28.training"
    batch_size: {batch_size}
    labels_per_batch: {labels}
    images_per_label: {images}
  }}
}}
"""

_END = """
layer {{ name: "unit" type: "Normalization1" bottom: "feat" top: "unit" }}
layer {{
  name: "decode" type: "Decode" bottom: "unit" bottom: "label" top: "decode"
  decode_param {{ cache_size: 1 }}
}}
layer {{ name: "silence" type: "Silence" bottom: "decode" exclude {{ phase: RUN }} }}
layer {{
  name: "loss" type: "TripletLoss" bottom: "unit" bottom: "label" top: "loss"
  exclude {{ phase: RUN }}
  triplet_loss_param {{ mining: BATCH_ALL margin: {margin!r} }}
}}
"""

_SOLVER = """net: "{model}"
type: "Adam" momentum: 0.9 momentum2: 0.999 delta: 1e-8
base_lr: {rate!r} lr_policy: "poly" power: 1
weight_decay: {decay!r}
max_iter: {iterations} display: {display}
snapshot_prefix: "encoder"
"""


@dataclass(frozen=True)
class EncoderOptions:
    """What a user may choose of an encoder; SiameseEncoder says what each one means."""

    n_components: int
    hidden: Sequence[int]
    margin: float
    max_iter: int
    batch_size: int
    learning_rate: float
    weight_decay: float


def model_text(
    shape: Shape, classes: int, options: EncoderOptions, mean: float, scale: float
) -> str:
    """The model for images or rows of `shape` (C, H, W), which enter as (value - `mean`) * `scale`.

    Rows of features (D, 1, 1) go through fully connected layers alone, and images through those
    convolutions first that `template copy siamese --data` writes for their size.
    """
    most = max(2, options.batch_size // _LEAST_OF_A_CLASS)
    labels = min(classes, _MOST_CLASSES, most)
    images = max(_LEAST_OF_A_CLASS, options.batch_size // labels)
    data = _DATA.format(
        mean=mean, scale=scale, batch_size=labels * images, labels=labels, images=images
    )
    made = branch(_blocks(shape, classes, options), labels * images)
    return f"{data}\n{made}{_END.format(margin=options.margin)}"


def solver_text(options: EncoderOptions) -> str:
    """How the model learns: Adam, its rate falling to 0."""
    return _SOLVER.format(
        model=MODEL,
        rate=options.learning_rate,
        decay=options.weight_decay,
        iterations=options.max_iter,
        display=max(1, options.max_iter // 10),
    )


def _blocks(shape: Shape, classes: int, options: EncoderOptions) -> list[Block]:
    """The convolutions that a text for such images has, then the layers that the user chose."""
    channels, height, width = shape
    facts = DataFacts("", (channels, height, width), classes, 0, pictures=height * width > 1)
    made = [block for block in blocks(facts) if block.kind == "convolution"]
    for number, size in enumerate(options.hidden, 1):
        made.append(Block("product", f"ip{number}", size, (size,)))
    size = options.n_components
    return [*made, Block("point", "feat", size, (size,))]
