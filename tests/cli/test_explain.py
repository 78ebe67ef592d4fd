import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.graph.told.layer_card import layer_card, message_text
from mycaffe_py.layers import layer_types
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter, SolverParameter
from mycaffe_py.snapshot.weights import LayerWeights, write_weights
from mycaffe_py.solver.solver_words import solver_words
from tests.conftest import Result

pytestmark = pytest.mark.usefixtures("digits_only")


def test_model_shows_shapes_parameters_and_counts(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("explain", "model", "siamese_28x28")
    assert result.code == 0
    assert [line for line in result.out.splitlines() if line.startswith("SiameseNet, ")] == [
        "SiameseNet, TRAIN: loss",
        "SiameseNet, TEST: accuracy1, loss",
        "SiameseNet, RUN: data -> decode1",
    ]
    assert "conv1 64x20x24x24" in result.out
    assert "431,102 learned values" in result.out
    line = next(x for x in result.out.splitlines() if x.split()[:2] == ["conv1[0]", "conv1_w"])
    assert line.split() == ["conv1[0]", "conv1_w", "20x1x5x5", "500", "1", "1", "conv1_p[0]"]


def test_model_for_machines(mycaffe: Callable[..., Result]) -> None:
    nets = json.loads(mycaffe("explain", "model", "lenet", "--phase", "train", "--json").out)
    assert [(net["phase"], net["learned"]) for net in nets] == [("TRAIN", 431_080)]
    backward = {layer["name"]: layer["backward"] for layer in nets[0]["layers"]}
    assert backward["conv1"] and backward["loss"] and not backward["mnist"]


def test_model_of_an_unknown_name(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("explain", "model", "lenett")
    assert result.code == 2
    assert "Did you mean 'lenet.prototxt'?" in result.err


def test_layer_types_are_listed_by_family(mycaffe: Callable[..., Result]) -> None:
    lines = mycaffe("explain", "layer").out.splitlines()
    assert any(line.startswith("vision: ") and "Convolution" in line for line in lines)
    found = json.loads(mycaffe("explain", "layer", "--json").out)
    assert sum(map(len, found.values())) == len(layer_types)


@pytest.mark.parametrize("what", ["model", "solver"])
def test_a_model_or_a_solver_must_be_named(mycaffe: Callable[..., Result], what: str) -> None:
    result = mycaffe("explain", what)
    assert result.code == 2
    assert f"mycaffe explain {what} NAME" in result.err


@pytest.mark.parametrize("name", list(layer_types))
def test_every_layer_type_has_a_card(mycaffe: Callable[..., Result], name) -> None:
    result = mycaffe("explain", "layer", name.lower())
    assert result.code == 0
    assert result.out.startswith(name)
    for part in ("Formula:", "Shapes:", "Source:", "Example:", "Bottoms: ", "Tops: "):
        assert part in result.out


def test_a_card_has_the_options_with_their_comments() -> None:
    card = layer_card("ContrastiveLoss")
    assert set(card.options) == {"contrastive_loss_param", "loss_param"}
    assert "optional float margin = 1 [default = 1];" in card.options["contrastive_loss_param"]


def test_an_option_within_an_option_is_not_another_layers_of_its_name() -> None:
    # The Nms of OpenPose has options of this name, too.
    options = dict(layer_card("DetectionOutput").options)
    assert "nms_threshold" in options["nms_param"]


def test_a_message_is_shown_whole_with_its_comment() -> None:
    text = message_text("SliceParameter")
    assert text.startswith("// ")
    assert text.endswith("}")
    assert text.count("\nmessage ") == 1


def test_unknown_layer_names_the_nearest(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("explain", "layer", "Convlution")
    assert result.code == 2
    assert "unknown layer type 'Convlution'. Did you mean 'Convolution'?" in result.err


def test_a_layer_of_a_fork_is_told_as_that(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("explain", "layer", "DenseCRF")
    assert result.code == 2
    assert result.err == (
        "mycaffe: error: DenseCRF: a layer of the DeepLab fork (xmyqsh/deeplab-v2).\n"
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", 'name: "x"\n'])
def test_a_model_without_layers_is_said_to_have_none(
    mycaffe: Callable[..., Result], text: str
) -> None:
    Path("empty.prototxt").write_text(text)
    result = mycaffe("explain", "model", "empty.prototxt")
    assert (result.code, result.out) == (2, "")
    assert result.err == ("mycaffe: error: empty.prototxt: there is no layer in it.\n")


def test_a_mixed_text_and_an_input_without_shape_are_told_with_their_lines(
    mycaffe: Callable[..., Result],
) -> None:
    Path("m.prototxt").write_text('layer { name: "a" }\nlayers { name: "b" type: RELU }\n')
    assert "error: m.prototxt:2: a net with both" in mycaffe("explain", "model", "m.prototxt").err
    Path("m.prototxt").write_text(
        'name: "x"\ninput: "data"\nlayer { name: "r" type: "ReLU" bottom: "data" top: "r" }\n'
    )
    done = mycaffe("explain", "model", "m.prototxt")
    assert "error: m.prototxt:2: input 'data' has no shape; layer 'r' (ReLU) reads it" in done.err


# As in published texts: what is for training does not fit, and nobody needs it.
ODD_TRAINING = """
layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 1 dim: 1 dim: 6 dim: 6 } } }
layer {
  name: "conv" type: "Convolution" bottom: "x" top: "y"
  convolution_param { num_output: 1 kernel_size: 3 }
}
layer {
  name: "loss" type: "EuclideanLoss" bottom: "y" bottom: "x" top: "loss"
  include { phase: TRAIN }
}
"""


def test_a_mistake_in_training_alone_is_told_as_that(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    model = tmp_path / "odd.prototxt"
    model.write_text(ODD_TRAINING)
    result = mycaffe("explain", "model", str(model))
    assert result.code == 2
    assert "odd.prototxt:8: layer 'loss'" in result.err
    assert "The net of phase TEST has no mistake" in result.err
    assert mycaffe("explain", "model", str(model), "--phase", "TEST").code == 0
    assert "TEST" not in mycaffe("explain", "model", str(model), "--phase", "TRAIN").err
    model.write_text(ODD_TRAINING.replace("include { phase: TRAIN }", ""))
    result = mycaffe("explain", "model", str(model))
    assert result.code == 2
    assert "TEST" not in result.err


def test_a_solver_of_two_thousand_million_iterations_is_explained_at_once(
    mycaffe: Callable[..., Result],
) -> None:
    Path("s.solver").write_text(
        'net: "lenet.prototxt" base_lr: 0.1 lr_policy: "multistep" gamma: 0.1 '
        "stepvalue: [1000, 2000] max_iter: 2147483647"
    )
    told = mycaffe("explain", "solver", "s.solver").out
    assert "learning rate 0.1 at 0, 0.001 at 1,073,741,823, 0.001 at 2,147,483,646" in told


def test_a_solver_with_an_unknown_policy_is_refused(mycaffe: Callable[..., Result]) -> None:
    Path("s.solver").write_text('net: "lenet.prototxt" base_lr: 0.1 lr_policy: "stp" max_iter: 2')
    done = mycaffe("explain", "solver", "s.solver")
    assert "error: s.solver:1: unknown lr_policy 'stp'. Did you mean 'step'?" in done.err


def test_solver_in_words(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("explain", "solver", "siamese_28x28")
    assert result.code == 0
    for line in (
        "for 8,000 iterations of one batch",
        "by SGD, momentum 0.9",
        "learning rate 0.01 at 0, 0.00777 at 4,000, 0.00644 at 7,999 (lr_policy inv)",
        "a test of 100 batches every 500 iterations",
        "a snapshot every 1,000 iterations: snapshots/siamese_28x28_iter_<n>.caffemodel",
    ):
        assert f"  {line}\n" in result.out


def test_a_solver_tells_of_its_shards() -> None:
    words = solver_words(SolverParameter(max_iter=1, base_lr=1, lr_policy="fixed", shards=4))
    assert words[1] == (
        "each batch in 4 shards, on any number of processes that divides it: "
        "mpiexec -n N mycaffe train ..."
    )


def test_solver_for_machines(mycaffe: Callable[..., Result]) -> None:
    assert json.loads(mycaffe("explain", "solver", "lenet", "--json").out)["max_iter"] == 10_000


def test_words_only_for_what_happens() -> None:
    words = solver_words(
        SolverParameter(
            max_iter=10, base_lr=1, lr_policy="multistep", stepvalue=[2, 5], gamma=0.1,
            iter_size=4, clip_gradients=2, weight_decay=0.1, type="Adam",
            snapshot_after_train=False,
        )
    )  # fmt: skip
    assert words == [
        "for 10 iterations of 4 batches added up",
        "by Adam, momentum 0 and 0.999",
        "learning rate 1 at 0, 0.01 at 5, 0.01 at 9 (lr_policy multistep)",
        "with weight decay 0.1 (L2)",
        "gradients longer than 2 together are shortened",
    ]


def test_batch_norm_tells_which_statistics_it_uses_and_what_they_have_seen(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    model = tmp_path / "norm.prototxt"
    model.write_text(
        'layer { name: "x" type: "Input" top: "x"\n'
        "  input_param { shape { dim: 5 dim: 3 dim: 2 } } }\n"
        'layer { name: "norm" type: "BatchNorm" bottom: "x" top: "y"\n'
        "  batch_norm_param { moving_average_fraction: 0.9 } }\n"
    )
    lines = mycaffe("explain", "model", str(model)).out.splitlines()
    found = [line.strip() for line in lines if "norm (BatchNorm)" in line]
    assert found == [
        "norm (BatchNorm) normalises by mean and variance of each batch (10 values a channel), "
        "which enter its running statistics: about the last 10 batches (moving_average_fraction "
        "0.9)",
        "norm (BatchNorm) normalises by its running statistics, not by the batch",
        "norm (BatchNorm) normalises by its running statistics, not by the batch",
    ]
    for batches, words in (
        (0, "these have seen no batch, so mean and variance are 0 and values are divided by"),
        (7, "these have seen 7 batches (scale factor 5.21703)"),
        (300, "these have seen 87 batches or more (scale factor 10, full)"),
    ):
        blobs = [np.ones(3), np.ones(3), np.array([(1 - 0.9**batches) / (1 - 0.9)])]
        text = LayerParameter(name="norm", type="BatchNorm")
        saved = tmp_path / f"{batches}.caffemodel"
        stored = [blob.astype(np.float32) for blob in blobs]
        write_weights(saved, "norm", [LayerWeights(text, stored)])
        result = mycaffe("explain", "model", str(model), "--snapshot", str(saved))
        assert result.out.count(words) == 3, result.out + result.err
