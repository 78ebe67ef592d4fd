"""Nets written as calls: the layers, their order, their names, and every kind of mistake."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.pycaffe.net_spec import NetSpec, layers, param_name_dict, params, to_proto


def lenet() -> NetSpec:
    n = NetSpec()
    n.data, n.label = layers.Data(
        batch_size=64, backend=params.Data.LMDB, source="lmdb",
        transform_param={"scale": 1.0 / 255}, ntop=2,
    )  # fmt: skip
    filler = {"type": "xavier"}
    n.conv1 = layers.Convolution(n.data, kernel_size=5, num_output=20, weight_filler=filler)
    n.pool1 = layers.Pooling(n.conv1, kernel_size=2, stride=2, pool=params.Pooling.MAX)
    n.fc1 = layers.InnerProduct(n.pool1, num_output=500, weight_filler=filler)
    n.relu1 = layers.ReLU(n.fc1, in_place=True)
    n.score = layers.InnerProduct(n.relu1, num_output=10, weight_filler=filler)
    n.loss = layers.SoftmaxWithLoss(n.score, n.label)
    return n


def test_lenet_is_what_one_would_write_by_hand() -> None:
    wanted = pb.NetParameter()
    data = wanted.layer.add(name="data", type="Data", top=["data", "label"])
    data.transform_param.scale = 1.0 / 255
    data.data_param.batch_size = 64
    data.data_param.backend = pb.DataParameter.LMDB
    data.data_param.source = "lmdb"
    conv = wanted.layer.add(name="conv1", type="Convolution", bottom=["data"], top=["conv1"])
    conv.convolution_param.kernel_size.append(5)
    conv.convolution_param.num_output = 20
    conv.convolution_param.weight_filler.type = "xavier"
    pool = wanted.layer.add(name="pool1", type="Pooling", bottom=["conv1"], top=["pool1"])
    pool.pooling_param.kernel_size = 2
    pool.pooling_param.stride = 2
    pool.pooling_param.pool = pb.PoolingParameter.MAX
    fc1 = wanted.layer.add(name="fc1", type="InnerProduct", bottom=["pool1"], top=["fc1"])
    fc1.inner_product_param.num_output = 500
    fc1.inner_product_param.weight_filler.type = "xavier"
    wanted.layer.add(name="relu1", type="ReLU", bottom=["fc1"], top=["fc1"])
    score = wanted.layer.add(name="score", type="InnerProduct", bottom=["fc1"], top=["score"])
    score.inner_product_param.num_output = 10
    score.inner_product_param.weight_filler.type = "xavier"
    wanted.layer.add(name="loss", type="SoftmaxWithLoss", bottom=["score", "label"], top=["loss"])
    assert lenet().to_proto() == wanted


def test_names_are_made_up_by_type_in_the_order_of_writing() -> None:
    data, label = layers.DummyData(ntop=2)
    one = layers.InnerProduct(data, num_output=2)
    two = layers.InnerProduct(layers.ReLU(one, in_place=True), num_output=3)
    net = layers.SoftmaxWithLoss(two, label).to_proto()
    assert [(layer.name, list(layer.bottom), list(layer.top)) for layer in net.layer] == [
        ("DummyData1", [], ["DummyData1", "DummyData2"]),
        ("InnerProduct1", ["DummyData1"], ["InnerProduct1"]),
        ("ReLU1", ["InnerProduct1"], ["InnerProduct1"]),
        ("InnerProduct2", ["InnerProduct1"], ["InnerProduct2"]),
        ("SoftmaxWithLoss1", ["InnerProduct2", "DummyData2"], ["SoftmaxWithLoss1"]),
    ]


def test_inputs_come_first_and_each_layer_once() -> None:
    n = NetSpec()
    data = layers.Input(shape={"dim": [1, 2]})
    n.sum = layers.Eltwise(data, layers.Sigmoid(data))
    n.data = data
    n["quiet"] = layers.Silence(n["sum"], ntop=0)
    names = [layer.name for layer in n.to_proto().layer]
    assert names == ["data", "Sigmoid1", "sum", "quiet"]


def test_inputs_are_written_from_the_first_to_the_last() -> None:
    top = layers.Eltwise(layers.ReLU(layers.Input()), layers.TanH(layers.DummyData()))
    kinds = [layer.type for layer in top.to_proto().layer]
    assert kinds == ["Input", "ReLU", "DummyData", "TanH", "Eltwise"]


def test_layers_without_tops_take_the_assigned_name_or_a_made_up_one() -> None:
    top = layers.DummyData()
    assert [layer.name for layer in to_proto(layers.Silence(top, ntop=0)).layer] == [
        "DummyData1",
        "Silence1",
    ]


def test_a_net_may_be_deeper_than_pythons_stack() -> None:
    top = layers.Input()
    for _ in range(3000):
        top = layers.ReLU(top)
    assert len(top.to_proto().layer) == 3001


@given(st.lists(st.lists(st.integers(0, 50), min_size=1, max_size=3), max_size=12))
def test_whatever_the_wiring_inputs_stand_before_their_readers(wiring) -> None:
    tops = [layers.Input()]
    for reads in wiring:
        tops.append(layers.Concat(*[tops[number % len(tops)] for number in reads]))
    net = to_proto(*reversed(tops))
    made: set[str] = set()
    for layer in net.layer:
        assert made.issuperset(layer.bottom)
        assert made.isdisjoint(layer.top)
        made.update(layer.top)
    assert len(net.layer) == len(tops)


def test_parameters_go_to_the_layer_or_to_the_message_of_its_type() -> None:
    layer = layers.Convolution(
        layers.Input(), num_output=3, convolution_param={"bias_term": False},
        param=[{"lr_mult": 1}, {"lr_mult": 2, "decay_mult": 0}], name="first", loss_weight=0.5,
        include={"phase": pb.TEST}, propagate_down=[True],
    ).to_proto().layer[1]  # fmt: skip
    assert layer.convolution_param.num_output == 3
    assert not layer.convolution_param.bias_term
    assert [(p.lr_mult, p.decay_mult) for p in layer.param] == [(1, 1), (2, 0)]
    assert (layer.name, list(layer.loss_weight)) == ("first", [0.5])
    assert [rule.phase for rule in layer.include] == [pb.TEST]
    assert list(layer.propagate_down) == [True]


def test_types_are_those_of_the_messages() -> None:
    fields = param_name_dict()
    assert fields["LRN"] == "lrn_param"
    assert fields["ReLU"] == "relu_param"
    assert fields["InnerProduct"] == "inner_product_param"
    assert "Deconvolution" not in fields
    # A fork's lstm_param is another layer's, CTPNLstm.
    assert "LSTM" not in fields


def test_an_input_that_is_no_top_is_a_type_error() -> None:
    pair = layers.DummyData(ntop=2)
    with pytest.raises(TypeError, match=r"^Silence input 0 is not a Top \(type is <class 'tuple"):
        layers.Silence(pair, ntop=0)


@pytest.mark.parametrize(
    ("wrong", "kind", "told"),
    [
        ({"num_outputs": 3}, AttributeError, "'num_outputs'. Did you mean 'num_output'?"),
        ({"num_output": "ten"}, TypeError, "num_output='ten'"),
        ({"num_output": -1}, ValueError, "num_output=-1"),
        ({"weight_filler": {"kind": "xavier"}}, AttributeError, "FillerParameter has no field"),
    ],
)
def test_a_wrong_parameter_names_the_layer(wrong, kind, told: str) -> None:
    n = NetSpec()
    n.conv1 = layers.Convolution(layers.Input(), **wrong)
    with pytest.raises(kind, match=r"layer 'conv1' \(Convolution\)") as caught:
        n.to_proto()
    assert told in str(caught.value)


def test_a_deconvolution_wants_its_parameters_as_a_dict() -> None:
    with pytest.raises(AttributeError, match="num_output"):
        layers.Deconvolution(layers.Input(), num_output=2).to_proto()
    param = {"num_output": 2, "kernel_size": 4}
    layer = layers.Deconvolution(layers.Input(), convolution_param=param).to_proto().layer[1]
    assert layer.convolution_param.num_output == 2


def test_an_unknown_name_is_a_key_error_and_no_attribute() -> None:
    n = lenet()
    with pytest.raises(KeyError, match="Did you mean 'conv1'"):
        _ = n.conv
    assert not hasattr(n, "conv")
    assert hasattr(n, "conv1")
    del n.loss
    with pytest.raises(KeyError):
        del n["loss"]
    assert [layer.name for layer in copy.copy(n).to_proto().layer][-1] == "score"


def test_a_tuple_under_one_name_says_what_to_do() -> None:
    n = NetSpec()
    n.data = layers.DummyData(ntop=2)
    with pytest.raises(TypeError, match=r"'data' is no Top .* give each of its tops a name"):
        n.to_proto()


def test_in_place_needs_something_to_write_over() -> None:
    with pytest.raises(ValueError, match="0 inputs to write in place"):
        layers.ReLU(in_place=True)


def test_enums_are_numbers() -> None:
    assert params.Pooling.AVE == pb.PoolingParameter.AVE == 1
    with pytest.raises(AttributeError):
        _ = params.Pooling.MEDIAN
    with pytest.raises(AttributeError):
        _ = params.Polling
