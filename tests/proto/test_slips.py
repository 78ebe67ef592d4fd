from __future__ import annotations

import pytest

from mycaffe_py.layers import layer_types
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.slips import field_advice, near, type_advice

LAYER = pb.LayerParameter.DESCRIPTOR


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("convolution_params", "convolution_param"),
        ("conv_param", "convolution_param"),
        ("pool_param", "pooling_param"),
        ("botom", "bottom"),
        ("tipe", "type"),
        # Names of forks: nothing here comes near them.
        ("mil_param", ""),
        ("repack_param", ""),
        ("dense_crf_param", ""),
        ("spatial_dropout_param", ""),
        ("domain_transform_param", ""),
        ("multibox_loss_param", ""),
        ("my_pooling_param", ""),
    ],
)
def test_only_what_is_written_alike_is_proposed(name: str, wanted: str) -> None:
    assert near(name, [field.name for field in LAYER.fields]) == wanted


def test_a_type_with_a_word_before_it_is_no_slip() -> None:
    assert type_advice("MyPooling", layer_types) == ""
    assert type_advice("Convlution", layer_types) == "Did you mean 'Convolution'?"


@pytest.mark.parametrize(
    ("name", "message", "advice"),
    [
        ("lr_mult", LAYER, "It belongs inside param."),
        ("kernel_h", LAYER, "It belongs inside convolution_param or pooling_param."),
        ("blobs_lr", LAYER, "It is of the old form, 'layers'; here write param { lr_mult: 1 }."),
        ("layer", LAYER, "Is a '}' missing before it?"),
        ("layers", pb.ConvolutionParameter.DESCRIPTOR, "Is a '}' missing before it?"),
        ("zzz", LAYER, ""),
    ],
)
def test_a_field_of_another_place_is_sent_there(name: str, message: object, advice: str) -> None:
    assert field_advice(name, message) == advice  # type: ignore[arg-type]
