"""What Caffe knows is what this package has from it."""

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.export.caffe_layers import CAFFE_LAYERS, in_caffes_words
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import NONE
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations


def test_all_are_layers_here_by_these_names() -> None:
    assert set(layer_types) >= CAFFE_LAYERS


def test_losses_and_sources_have_no_place_in_a_net_that_only_runs() -> None:
    for name in CAFFE_LAYERS - {"Python"}:
        layer = layer_types.get(name)
        assert not layer.is_loss
        assert layer.bottom_count != NONE or name in ("Input", "Parameter", "DummyData")


def test_our_fields_at_their_defaults_are_dropped() -> None:
    param = pb.LayerParameter(name="r", type="LSTM", freeze_learning=True)
    param.recurrent_param.num_output = 3
    param.recurrent_param.batch_first = False
    param.decode_param.k = 3
    clean = in_caffes_words(param, Locations.none())
    assert clean == pb.LayerParameter(
        name="r", type="LSTM", recurrent_param=pb.RecurrentParameter(num_output=3)
    )
    assert param.HasField("decode_param")


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"dropout_param": pb.DropoutParameter(scale_train=False)}, "scale_train"),
        ({"batch_norm_param": pb.BatchNormParameter(scale_bias=True)}, "scale_bias"),
    ],
)
def test_what_forks_compute_otherwise_is_refused(options: dict[str, object], name: str) -> None:
    """Their numbers are below 1000, but Caffe stops at the unknown word."""
    with pytest.raises(UserError, match=f"{name} .*Caffe has no such option"):
        in_caffes_words(pb.LayerParameter(name="a", type="Any", **options), Locations.none())


def test_what_forks_have_at_its_default_is_dropped() -> None:
    param = pb.LayerParameter(name="a", dropout_param=pb.DropoutParameter(scale_train=True))
    clean = in_caffes_words(param, Locations.none())
    assert clean == pb.LayerParameter(name="a", dropout_param=pb.DropoutParameter())
