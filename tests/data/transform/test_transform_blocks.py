"""What MyCaffe writes into every text loads while it is off, and is refused while it is on."""

from __future__ import annotations

import pytest

from mycaffe_py.data.transform.transform_blocks import refuse_active_blocks
from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text

# As MyCaffe's triplet template has it.
OFF = """
distortion_param { option { active: True } active: True brightness_prob: 0 brightness_delta: 0
  contrast_prob: 0 contrast_lower: 0.5 contrast_upper: 1.5 saturation_prob: 0 saturation_lower: 0.5
  saturation_upper: 1.5 random_order_prob: 0 use_gpu: True random_seed: 0 }
mask_param { option { active: False } boundary_left: 0 boundary_right: 0 boundary_top: 0
  boundary_bottom: 0 }
label_mapping { option { active: False } }
"""


def _check(text: str) -> None:
    parsed = read_text(text, pb.TransformationParameter, "net.prototxt")
    refuse_active_blocks(parsed.message, parsed.locations)


def test_the_template_loads() -> None:
    _check(OFF)


@pytest.mark.parametrize(
    ("block", "change"),
    [
        ("distortion_param", ("contrast_prob: 0", "contrast_prob: 0.5")),
        (
            "mask_param",
            ("mask_param { option { active: False", "mask_param { option { active: True"),
        ),
        ("label_mapping", ("mapping { option { active: False", "mapping { option { active: True")),
    ],
)
def test_a_block_that_does_something_is_named(block: str, change: tuple[str, str]) -> None:
    with pytest.raises(UserError, match=f"net.prototxt:.*{block} is active"):
        _check(OFF.replace(*change))


@pytest.mark.parametrize("block", ["resize_param {}", "crop_h: 3", "expand_param {}"])
def test_what_is_for_boxes_is_refused_elsewhere(block: str) -> None:
    with pytest.raises(UserError, match=f"net.prototxt:1: {block.split()[0].strip(':')} has no"):
        _check(block)
