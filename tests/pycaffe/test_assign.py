import numpy as np
import pytest

from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.pycaffe.assign import assign_proto


def assigned(name, value):
    layer = pb.LayerParameter()
    assign_proto(layer, name, value)
    return layer


def test_dicts_are_messages_and_lists_repeat() -> None:
    layer = assigned("convolution_param", {"kernel_size": [3, 5], "weight_filler": {"std": 0.5}})
    assert list(layer.convolution_param.kernel_size) == [3, 5]
    assert layer.convolution_param.weight_filler.std == 0.5
    assert [p.name for p in assigned("param", [{"name": "w"}, {}]).param] == ["w", ""]


@pytest.mark.parametrize("value", [[3, 5], (3, 5), np.array([3, 5]), [np.int64(3), np.int32(5)]])
def test_any_sequence_of_numbers(value) -> None:
    layer = assigned("convolution_param", {"kernel_size": value})
    assert list(layer.convolution_param.kernel_size) == [3, 5]


def test_one_value_for_a_repeated_field_is_a_list_of_it() -> None:
    assert list(assigned("top", "data").top) == ["data"]
    assert list(assigned("loss_weight", np.float32(0.5)).loss_weight) == [0.5]
    assert [rule.phase for rule in assigned("include", {"phase": 1}).include] == [pb.TEST]


def test_an_empty_list_sets_nothing() -> None:
    assert assigned("param", []) == pb.LayerParameter()


def test_messages_are_copied() -> None:
    filler = pb.FillerParameter(type="gaussian")
    layer = assigned("convolution_param", {"weight_filler": filler})
    filler.type = "constant"
    assert layer.convolution_param.weight_filler.type == "gaussian"
    assert len(assigned("param", [pb.ParamSpec(name="w")]).param) == 1


def test_enums_by_number_or_name() -> None:
    assert assigned("pooling_param", {"pool": 1}).pooling_param.pool == pb.PoolingParameter.AVE
    named = assigned("pooling_param", {"pool": "AVE"})
    assert named.pooling_param.pool == pb.PoolingParameter.AVE


def test_an_unknown_field_names_the_nearest() -> None:
    with pytest.raises(AttributeError, match=r"LayerParameter has no field 'botom'.*'bottom'"):
        assigned("botom", "x")


def test_a_field_of_a_fork_is_told_as_that() -> None:
    with pytest.raises(AttributeError, match=r"multibox_loss_param: a field of the SSD fork"):
        assigned("multibox_loss_param", {})
