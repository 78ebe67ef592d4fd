"""The model text of a Siamese net for one data set: pairs and the contrastive loss."""

from __future__ import annotations

from mycaffe_py.proto.fitted.branch_text import branch
from mycaffe_py.proto.fitted.data_facts import DataFacts
from mycaffe_py.proto.fitted.data_text import transform
from mycaffe_py.proto.fitted.sizes import Sizes, heading
from mycaffe_py.proto.fitted.trunk import blocks


def siamese_text(name: str, facts: DataFacts, sizes: Sizes) -> str:
    """The whole text."""
    made = blocks(facts)
    points = made[-1].outputs
    tested = ACCURACY if facts.testing else ""
    channels = facts.shape[0]
    nets = [_data(facts, sizes.batch, True)]
    if facts.testing:
        nets.append(_data(facts, sizes.test_batch, False))
    return f"""\
# A Siamese network for the {facts.classes} classes of {facts.training}.
#
# It is written for {facts.sort}.
#
# Pairs of items go through two branches with the *same* weights (parameters of one name are one
# parameter) and become points of {points} coordinates on a sphere. ContrastiveLoss pulls the
# points of a class together and pushes those of different classes apart. A batch has few pairs but
# many triplets, so TripletLoss compares the same points once more, each with all others. Decode
# keeps the mean point of each class (centroid): an item is recognised as the class whose centroid
# is nearest.
#
# Up to three nets are made of this text: TRAIN learns, TEST measures while training goes on, RUN
# recognises single items. A layer without include or exclude is in all of them.
name: "{name}"

{heading(f"Data: {sizes.batch} pairs a batch")}
{"".join(nets)}\
# The two items of a pair, one for each branch: data and data_p {_sizes(sizes.batch, *facts.shape)}.
# The RUN net has no pairs; there `data` is what you put in.
layer {{
  name: "slice_pair"
  type: "Slice"
  bottom: "pair_data"
  top: "data"
  top: "data_p"
  exclude {{ phase: RUN }}
  slice_param {{ axis: 1 slice_point: {channels} }}
}}

{heading("Branch A: the point of the first item")}
{branch(made, sizes.batch)}
# All points have length 1, so that distances lie between 0 and 2:
# unit {_sizes(sizes.batch, points)}.
{UNIT}
{heading("Recognition: distances to the centroids")}
{_DECODE.format(batch=sizes.batch, classes=facts.classes)}
{heading("Branch B: the point of the second item, with the weights of branch A")}
# As branch A, layer by layer: change both alike. The RUN net does without it.
{branch(made, sizes.batch, twin=True)}
{_UNIT_P}
{heading("Learning and measuring")}
{_LOSS.format(batch=sizes.batch, all=2 * sizes.batch, points=points)}{tested}"""


def _sizes(*lengths: int) -> str:
    return f"({', '.join(map(str, lengths))})"


def _data(facts: DataFacts, batch: int, train: bool) -> str:
    channels, height, width = facts.shape
    told = (
        f"# pair_data ({batch}, {2 * channels}, {height}, {width}): the two items of a pair, one"
        f" behind the other.\n# sim ({batch}, 2): their classes.\n"
        if train
        else "# The same for measuring: other items, without random changes.\n"
    )
    balance = _BALANCE if train else ""
    return f"""\
{told}layer {{
  name: "pair_data"
  type: "Data"
  top: "pair_data"
  top: "sim"
  include {{ phase: {"TRAIN" if train else "TEST"} }}
{transform(facts, train)}\
  data_param {{
    source: "{facts.training if train else facts.testing}"
    batch_size: {batch:<20}# pairs, so {2 * batch} items
    backend: IMAGEDB
    images_per_blob: 2              # pairs
    output_all_labels: true         # both classes instead of one same/different flag
    balance_matches: true           # same class, different class, same, different, ...
{balance}    enable_random_selection: true   # every item once, in random order, then anew
  }}
}}

"""


_BALANCE = "    label_balancing: true           # each class equally often\n"

UNIT = """\
layer {
  name: "unit"
  type: "Normalization1"
  bottom: "feat"
  top: "unit"
}
"""

_UNIT_P = """\
layer {
  name: "unit_p"
  type: "Normalization1"
  bottom: "feat_p"
  top: "unit_p"
  exclude { phase: RUN }
}
"""

_DECODE = """\
# decode1 ({batch}, {classes}): squared distance of each point to each class's centroid. The
# centroids are learned from training items only, as running means, and are saved with the weights.
layer {{
  name: "decode1"
  type: "Decode"
  bottom: "unit"
  bottom: "sim"
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
# loss: same class d^2, different classes max(margin - d, 0)^2, summed, / (2 * {batch}); d is the
# distance. match ({batch}): 1 where a pair is on the right side of the margin.
layer {{
  name: "loss"
  type: "ContrastiveLoss"
  bottom: "unit"
  bottom: "unit_p"
  bottom: "sim"
  top: "loss"
  top: "match"
  loss_weight: 1
  loss_weight: 0                    # match is to look at, not to learn from
  exclude {{ phase: RUN }}
  loss_param {{ normalization: VALID }}
  contrastive_loss_param {{
    margin: 1                       # how far apart different classes have to be
    output_matches: true
  }}
}}

# The points of both branches one below the other, points ({all}, {points}), and their classes,
# labels ({all}, 1).
layer {{
  name: "points"
  type: "Concat"
  bottom: "unit"
  bottom: "unit_p"
  top: "points"
  exclude {{ phase: RUN }}
  concat_param {{ axis: 0 }}
}}

layer {{
  name: "slice_sim"
  type: "Slice"
  bottom: "sim"
  top: "label"
  top: "label_p"
  exclude {{ phase: RUN }}
  slice_param {{ axis: 1 }}
}}

layer {{
  name: "labels"
  type: "Concat"
  bottom: "label"
  bottom: "label_p"
  top: "labels"
  exclude {{ phase: RUN }}
  concat_param {{ axis: 0 }}
}}

# triplets: the mean of max(d+ - d- + margin, 0) over the triplets that cost something; d+ and d-
# are squared distances to a point of the same class and to one of another.
layer {{
  name: "triplets"
  type: "TripletLoss"
  bottom: "points"
  bottom: "labels"
  top: "triplets"
  exclude {{ phase: RUN }}
  triplet_loss_param {{ mining: BATCH_ALL margin: 0.4 }}
}}

# Nothing reads match.
layer {{
  name: "silence1"
  type: "Silence"
  bottom: "match"
  exclude {{ phase: RUN }}
}}
"""

ACCURACY = """
# accuracy1: share of test items whose nearest centroid (those of decode1) is the right one.
layer {
  name: "accuracy1"
  type: "AccuracyEncoding"
  bottom: "unit"
  bottom: "sim"
  top: "accuracy1"
  include { phase: TEST }
}
"""
