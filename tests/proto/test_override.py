from __future__ import annotations

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.override import set_field
from mycaffe_py.proto.text import read_text

NET = """
name: "net"
layer { name: "data" include { phase: TRAIN } data_param { batch_size: 64 } }
layer { name: "data" include { phase: TEST } data_param { batch_size: 100 } }
layer { name: "conv1" convolution_param { num_output: 20 kernel_size: 5 } param { lr_mult: 1 } }
layer { name: "a.b/c" type: "ReLU" bottom: "x" }
"""


def _net() -> pb.NetParameter:
    return read_text(NET, pb.NetParameter).message


@pytest.mark.parametrize("entry", ["layer[conv1]", "layer.conv1", "layer[2]", "layer.2"])
def test_an_entry_is_picked_by_name_or_number(entry: str) -> None:
    path = f"{entry}.convolution_param.num_output"
    net = _net()
    set_field(net, path, "30")
    assert net.layer[2].convolution_param.num_output == 30
    set_field(net, f"{path}=31")
    assert net.layer[2].convolution_param.num_output == 31


def test_names_with_dots_and_slashes_stand_in_brackets() -> None:
    net = _net()
    set_field(net, "layer[a.b/c].relu_param.negative_slope", "0.1")
    assert net.layer[3].relu_param.negative_slope == pytest.approx(0.1)


def test_all_entries_of_a_name_are_set() -> None:
    net = _net()
    set_field(net, "layer.data.data_param.batch_size=8")
    assert [layer.data_param.batch_size for layer in net.layer[:2]] == [8, 8]


def test_values_of_all_kinds() -> None:
    solver = pb.SolverParameter(stepvalue=[1])
    for assignment in (
        "base_lr=0.02", "lr_policy=multistep", "stepvalue=[10, 20]", "debug_info=True",
        "snapshot_prefix=a folder/b, c", "snapshot_format=hdf5", 'train_net="x=y"',
        "test_state=1", "weights=a,b",
    ):  # fmt: skip
        if assignment == "test_state=1":
            with pytest.raises(UserError, match="holds further fields"):
                set_field(solver, assignment)
        else:
            set_field(solver, assignment)
    assert solver.base_lr == pytest.approx(0.02)
    assert (solver.lr_policy, list(solver.stepvalue)) == ("multistep", [10, 20])
    assert solver.debug_info
    assert (solver.snapshot_prefix, solver.train_net) == ("a folder/b, c", "x=y")
    assert solver.snapshot_format == pb.SolverParameter.HDF5
    assert list(solver.weights) == ["a", "b"]


@pytest.mark.parametrize(
    ("assignment", "error"),
    [
        (
            "layer.conv2.name=x",
            "override layer.conv2.name=x: no layer 'conv2'; there are 4, picked by name or by "
            "number from 0. Did you mean 'conv1'?",
        ),
        (
            "layer.conv1.convolution_param.num_outputs=3",
            "override layer.conv1.convolution_param.num_outputs=3: unknown field 'num_outputs'; "
            "ConvolutionParameter has no such field. Did you mean 'num_output'?",
        ),
        (
            "layer.conv1.multibox_loss_param=3",
            "override layer.conv1.multibox_loss_param=3: multibox_loss_param: a field of the SSD "
            "fork (weiliu89/caffe).",
        ),
        (
            "layer.conv1.convolution_param.num_output=many",
            "override layer.conv1.convolution_param.num_output=many: 'many' is no value for "
            "'num_output'; it holds a whole number, 0 or more.",
        ),
        ("force_backward=true gone", "override force_backward=true gone: 'gone' behind the value."),
        ("name.x=1", "override name.x=1: 'name' holds a value; it has no field 'x'."),
        ("layer[0]=1", "override layer[0]=1: no field is named; a field behind 'layer[0]'."),
        ("name", "override 'name' without a value. Write it as FIELD=VALUE."),
        ("layer[9].name=x", None),
        ("layer..name=x", None),
        ("=", None),
        ("layer.conv1.convolution_param.pad=[1", None),
        ("layer.conv1.convolution_param.pad=", None),
        ("layer.data.phase=RUNS", None),
    ],
)
def test_a_mistake_changes_nothing(assignment: str, error: str | None) -> None:
    net = _net()
    with pytest.raises(UserError) as caught:
        set_field(net, assignment)
    if error is not None:
        assert str(caught.value) == error
    assert net == _net()


def test_a_decimal_comma_is_named() -> None:
    with pytest.raises(UserError, match=r"base_lr=0,5: ',' behind the value\. A decimal .* 0\.5\."):
        set_field(pb.SolverParameter(), "base_lr=0,5")


def test_bytes_of_the_command_line_that_are_no_utf8_are_refused() -> None:
    with pytest.raises(UserError, match=r"snapshot_prefix=p\\xe9: the value is no UTF-8"):
        set_field(pb.SolverParameter(), "snapshot_prefix=p\udce9", option="--set solver.")
