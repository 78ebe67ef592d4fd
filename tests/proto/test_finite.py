"""Numbers that no computation can use are refused where they stand."""

from __future__ import annotations

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.finite import check_finite
from mycaffe_py.proto.model_text import read_net
from mycaffe_py.proto.text import read_text
from mycaffe_py.solver.check_fields import check_numbers

LAYER = 'layer {{ name: "l" type: "{}"\n{} }}\n'
BAD = {
    "Convolution": "convolution_param { weight_filler { std: nan } }",
    "SoftmaxWithLoss": "loss_weight: 1 loss_weight: NaN",
    "EuclideanLoss": "loss_weight: inf",
    "ContrastiveLoss": "contrastive_loss_param { margin: inf }",
    "Dropout": "dropout_param { dropout_ratio: nan }",
    "Data": "transform_param { scale: inf }",
    "InnerProduct": "param { lr_mult: -inf }",
    "Eltwise": "eltwise_param { coeff: 1 coeff: nan }",
    "Clip": "clip_param { min: nan max: 1 }",
}
SOLVER_FIELDS = (
    "base_lr", "gamma", "power", "delta", "clip_gradients", "weight_decay", "momentum",
    "momentum2", "rms_decay", "adamw_decay",
)  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_layers_number_is_refused_with_its_layer(kind: str) -> None:
    with pytest.raises(UserError) as error:
        read_net(LAYER.format(kind, BAD[kind]), "n.prototxt")
    assert str(error.value).startswith(f"n.prototxt:2: layer 'l' ({kind}): ")
    assert "a finite number" in error.value.wanted


@pytest.mark.parametrize("value", ["inf", "-inf", "nan"])
@pytest.mark.parametrize("field", SOLVER_FIELDS)
def test_a_solvers_number_is_refused(field: str, value: str) -> None:
    lines = [f"{name}: {value if name == field else 0.5}" for name in SOLVER_FIELDS]
    parsed = read_text("\n".join([*lines, "max_iter: 1"]), pb.SolverParameter, "s")
    with pytest.raises(UserError) as error:
        check_numbers(parsed.message, parsed.locations)
    line = SOLVER_FIELDS.index(field) + 1
    assert str(error.value).startswith(f"s:{line}: {field} is {value}; a finite number")


def test_bounds_may_be_infinite_and_values_only_written() -> None:
    read_net(LAYER.format("Clip", "clip_param { min: 0 max: inf }"), "n")
    read_net(LAYER.format("Threshold", "threshold_param { threshold: -inf }"), "n")
    fill = "dummy_data_param { data_filler { value: -inf } }"
    read_net(LAYER.format("DummyData", fill), "n")


def test_a_net_inside_a_solver_is_looked_at_too() -> None:
    text = "base_lr: 1\nnet_param {\n" + LAYER.format("Power", "power_param { shift: inf }") + "}"
    parsed = read_text(text, pb.SolverParameter, "s")
    with pytest.raises(UserError, match=r"s:4: layer 'l' \(Power\): shift is inf"):
        check_finite(parsed.message, parsed.locations)
