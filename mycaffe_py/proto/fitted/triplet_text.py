"""The model text of a net for one data set that learns from all triplets of a batch."""

from __future__ import annotations

from mycaffe_py.proto.fitted.branch_text import branch
from mycaffe_py.proto.fitted.data_facts import DataFacts
from mycaffe_py.proto.fitted.data_text import transform
from mycaffe_py.proto.fitted.siamese_text import ACCURACY, UNIT
from mycaffe_py.proto.fitted.sizes import Sizes, heading
from mycaffe_py.proto.fitted.trunk import blocks


def triplet_text(name: str, facts: DataFacts, sizes: Sizes) -> str:
    """The whole text."""
    made = blocks(facts)
    points = made[-1].outputs
    nets = [_data(facts, sizes, True)]
    if facts.testing:
        nets.append(_data(facts, sizes, False))
    return f"""\
# A triplet network for the {facts.classes} classes of {facts.training}.
#
# It is written for {facts.sort}.
#
# Items become points of {points} coordinates on a sphere. TripletLoss looks at all triplets of a
# batch: an item, another of its class, and one of another class, which has to be farther away by a
# margin. Decode keeps the mean point of each class (centroid): an item is recognised as the class
# whose centroid is nearest.
#
# Up to three nets are made of this text: TRAIN learns, TEST measures while training goes on, RUN
# recognises single items. A layer without include or exclude is in all of them.
name: "{name}"

{heading(f"Data: {sizes.labels} classes a batch, {sizes.each} items of each")}
{"".join(nets)}\
{heading("From an item to its point; the RUN net begins here, `data` is what you put in")}
{branch(made, sizes.batch)}
# All points have length 1, so that distances lie between 0 and 2.
{UNIT}
{heading("Recognition: distances to the centroids")}
{_DECODE.format(batch=sizes.batch, classes=facts.classes)}
{heading("Learning and measuring")}
{_LOSS}{_accuracy(facts)}"""


def _accuracy(facts: DataFacts) -> str:
    if not facts.testing:
        return ""
    return ACCURACY.replace('"sim"', '"label"')


def _data(facts: DataFacts, sizes: Sizes, train: bool) -> str:
    shape = ", ".join(map(str, (sizes.batch, *facts.shape)))
    told = (
        f"# data ({shape}); label ({sizes.batch}): the classes.\n"
        if train
        else "# The same for measuring: other items, without random changes.\n"
    )
    grouped = f"""\
    batch_size: {sizes.batch:<20}# {sizes.labels} classes with {sizes.each} items each
    backend: IMAGEDB
    labels_per_batch: {sizes.labels:<14}# all classes come equally often
    images_per_label: {sizes.each}
"""
    single = f"""\
    batch_size: {sizes.test_batch}
    backend: IMAGEDB
    enable_random_selection: true   # every item once, in random order, then anew
"""
    return f"""\
{told}layer {{
  name: "data"
  type: "Data"
  top: "data"
  top: "label"
  include {{ phase: {"TRAIN" if train else "TEST"} }}
{transform(facts, train)}\
  data_param {{
    source: "{facts.training if train else facts.testing}"
{grouped if train else single}  }}
}}

"""


_DECODE = """\
# decode1 ({batch}, {classes}): squared distance of each point to each class's centroid. The
# centroids are learned from training items only, as running means, and are saved with the weights.
layer {{
  name: "decode1"
  type: "Decode"
  bottom: "unit"
  bottom: "label"
  top: "decode1"
  decode_param {{ cache_size: 5 }}
}}

# Nothing reads decode1 while training; in the RUN net it is the result.
layer {{
  name: "silence2"
  type: "Silence"
  bottom: "decode1"
  exclude {{ phase: RUN }}
}}
"""

_LOSS = """\
# loss: the mean of max(d+ - d- + margin, 0) over the triplets that cost something; d+ and d- are
# squared distances.
layer {
  name: "loss"
  type: "TripletLoss"
  bottom: "unit"
  bottom: "label"
  top: "loss"
  exclude { phase: RUN }
  triplet_loss_param { mining: BATCH_ALL margin: 0.4 }
}
"""
