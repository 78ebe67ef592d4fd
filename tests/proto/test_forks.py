"""The table of forks, held against what is built here."""

from __future__ import annotations

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.layers import layer_types
from mycaffe_py.proto import forks
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.fork_remedies import INSTEAD
from mycaffe_py.proto.fork_table import FORKS, Fork
from tests.graph.nets import graph_of

MESSAGES = pb.DESCRIPTOR.message_types_by_name


@pytest.mark.parametrize("fork", FORKS, ids=lambda fork: fork.name)
def test_what_is_built_here_is_in_no_forks_list(fork: Fork) -> None:
    # Whoever builds one of these takes it out of the table.
    assert [name for name in fork.layers.split() if name in layer_types] == []
    known = {"LayerParameter": fork.params, **fork.fields}
    for message, names in known.items():
        fields = MESSAGES[message].fields_by_name
        assert [name for name in names.split() if name in fields] == [], message


def test_each_remedy_is_for_something_in_the_table() -> None:
    for name in INSTEAD:
        message, dot, field = name.rpartition(".")
        found = (
            forks.with_field(message, field)
            if dot
            else forks.with_layer(name)
            or forks.with_field("LayerParameter", name)
            or forks.with_value(name)
        )
        assert found, name


def test_whose_things_are() -> None:
    (ssd,) = forks.with_layer("MultiBoxLoss")
    assert forks.whose((ssd,)) == "the SSD fork (weiliu89/caffe)"
    assert forks.with_layer("DENSE_CRF") == forks.with_field("LayerParameter", "dense_crf_param")
    assert forks.with_field("V1LayerParameter", "dense_crf_param")
    assert forks.with_field("LossParameter", "pre_fixed_normalizer") != ()
    assert forks.with_field("PoolingParameter", "pre_fixed_normalizer") == ()
    assert forks.with_layer("Convlution") == ()
    assert forks.with_value("MKLDNN")[0].name == "Intel"


def test_several_forks_are_told_with_and() -> None:
    told = forks.whose(forks.with_field("LossParameter", "pre_fixed_normalizer"))
    assert told == "the forks R-FCN (Microsoft/caffe) and Intel (intel/caffe)"


# What real texts use that neither Caffe nor MyCaffe has, most used first.
CENSUS = (
    "ROIPooling SmoothL1Loss Permute PriorBox AnnotatedData DetectionOutput PSROIPooling "
    "DetectionEvaluate SmoothL1LossOHEM Normalize MultiBoxLoss BoxAnnotatorOHEM "
    "SoftmaxWithLossOHEM Interp Upsample BN Yolov3DetectionOutput Reorg CTCGreedyDecoder "
    "ShuffleChannel ReLU6 ImageSegData DenseImageData Proposal Reverse Axpy PriorBoxClustered "
    "MarginInnerProduct CenterLoss DenseBlock DenseCRF"
)


def test_what_real_texts_use_is_built_or_told_whose_it_is_all_at_once() -> None:
    unknown = [name for name in CENSUS.split() if name not in layer_types]
    text = "".join(f'layer {{ name: "l" type: "{name}" top: "y" }}\n' for name in unknown)
    with pytest.raises(UserError) as error:
        graph_of(text)
    told = str(error.value)
    assert [name for name in unknown if name not in told] == []
    for name in unknown:
        assert forks.whose(forks.with_layer(name)).partition(" ")[2].rstrip(")") in told
