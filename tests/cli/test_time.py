import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Result

pytestmark = pytest.mark.usefixtures("digits_only")
SHORT = ("--iterations", "1")


@pytest.mark.slow
def test_a_whole_step_of_a_solver(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("time", "--solver", "siamese_28x28", *SHORT)
    assert result.code == 0
    assert "SiameseNet, TRAIN: 1 step on" in result.out
    for part in ("data", "forward", "backward", "update", "whole step"):
        assert f"\n  {part} " in result.out
    assert "GFLOP/s, a large matrix product" in result.out
    assert "MiB of arrays: blobs" in result.out
    assert "merge_twins: 8 groups" in result.out
    assert "GFLOP/s counted as direct loops, " in result.out
    assert " GFLOP/s really done, " in result.out
    assert "STAND-IN DATA" in result.err


@pytest.mark.slow
def test_a_model_has_no_update(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("time", "--model", "lenet", *SHORT)
    assert result.code == 0
    assert "\n  backward " in result.out
    assert "\n  update " not in result.out


@pytest.mark.slow
def test_the_test_net_runs_forward_alone(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("time", "--solver", "lenet", "--phase", "test", *SHORT)
    assert result.code == 0
    assert "LeNet, TEST" in result.out
    assert "\n  backward " not in result.out
    assert "\n  update " not in result.out


@pytest.mark.slow
def test_without_passes_it_is_the_text_layer_by_layer(mycaffe: Callable[..., Result]) -> None:
    def layers(*more: str) -> list[str]:
        out = mycaffe("time", "--model", "lenet", "--json", *SHORT, *more).out
        return [layer["name"] for layer in json.loads(out)["layers"]]

    plain = ["mnist", "conv1", "pool1", "conv2", "pool2", "ip1", "relu1", "ip2", "loss"]
    assert layers("--passes", "none") == layers("--passes", "merge_twins") == plain
    assert len(layers("--passes", "merge_twins,fuse")) < len(plain)


def test_for_machines(mycaffe: Callable[..., Result]) -> None:
    found = json.loads(mycaffe("time", "--model", "lenet", "--threads", "1", "--json", *SHORT).out)
    assert found["threads"] == 1
    assert found["peak_gflops"] > 0
    assert found["machine"]["cores"] >= 1
    assert found["update_ms"] is None
    assert found["memory"]["total"] > 0
    assert found["flop"] == sum(x["forward_flop"] + x["backward_flop"] for x in found["layers"])
    done = sum(x["forward_done"] + x["backward_done"] for x in found["layers"])
    assert 0 < done == found["flop_done"] < found["flop"]


def test_inputs_are_filled_with_numbers(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "deploy.prototxt").write_text(
        'layer { name: "in" type: "Input" top: "x" input_param { shape { dim: 2 dim: 3 } } }'
        'layer { name: "ip" type: "InnerProduct" bottom: "x" top: "y"'
        '  inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }'
    )
    result = mycaffe("time", "--model", "deploy.prototxt", *SHORT)
    assert result.code == 0
    assert "InnerProduct" in result.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--model", "lenet", "--iterations", "0"), "--iterations 0; a median needs at least 1"),
        (("--model", "lenet", "--passes", "fsue"), "there is no pass 'fsue'. Did you mean 'fuse'?"),
        (("--model", "lenett"), "Did you mean 'lenet.prototxt'?"),
        (("--iterations", "5"), "--model --solver is required"),
    ],
)
def test_mistakes(mycaffe: Callable[..., Result], options: tuple[str, ...], words: str) -> None:
    result = mycaffe("time", *options)
    assert result.code == 2
    assert words in result.err


def test_a_solver_without_a_test_net(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "only.prototxt").write_text(
        'layer { name: "x" type: "DummyData" top: "x"'
        '  dummy_data_param { shape { dim: 2 dim: 3 } data_filler { type: "gaussian" } } }'
        'layer { name: "ip" type: "InnerProduct" bottom: "x" top: "y"'
        '  inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }'
        'layer { name: "l" type: "Reduction" bottom: "y" top: "l" loss_weight: 1 }'
    )
    (tmp_path / "only.solver").write_text('net: "only.prototxt" base_lr: 0.1 max_iter: 1')
    result = mycaffe("time", "--solver", "only.solver", "--phase", "TEST")
    assert result.code == 2
    assert "only.solver has no TEST net" in result.err
