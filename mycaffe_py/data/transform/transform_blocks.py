"""Blocks of transform_param that MyCaffe writes into every text: they must be off."""

from __future__ import annotations

from mycaffe_py.errors import UserError
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import TransformationParameter

# What the SSD fork added; elsewhere it would change nothing, as in the fork.
_OF_BOXES = (
    "resize_param", "noise_param", "emit_constraint", "crop_h", "crop_w", "distort_param",
    "expand_param",
)  # fmt: skip
_CHANCES = ("brightness_prob", "contrast_prob", "saturation_prob", "random_order_prob")


def refuse_active_blocks(param: TransformationParameter, where: Locations) -> None:
    """Stop at a block that is on and would change something.

    MyCaffe's triplet template has distortion_param on, with a chance of 0 for each change.
    """
    distortion = param.distortion_param
    on = distortion.active or distortion.option.active
    if on and any(getattr(distortion, name) > 0 for name in _CHANCES):
        raise UserError(
            "distortion_param is active",
            where=where.at("distortion_param"),
            wanted="images keep their brightness, contrast and saturation here",
            do="Set its chances to 0; augment_param has other changes.",
        )
    for name in _OF_BOXES:
        if param.HasField(name):
            raise UserError(
                f"{name} has no effect",
                where=where.at(name),
                wanted="it is for AnnotatedData, whose images have boxes",
                do="Leave it out; augment_param and crop_size change images without boxes.",
            )
    if param.mask_param.option.active:
        raise UserError(
            "mask_param is active",
            where=where.at("mask_param"),
            wanted="no part of an image is set to 0 here",
            do="Leave it out.",
        )
    if param.label_mapping.option.active:
        raise UserError(
            "label_mapping is active",
            where=where.at("label_mapping"),
            wanted="labels are replaced by a layer here",
            do="Put a LabelMapping layer behind the data.",
        )
