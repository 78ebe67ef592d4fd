"""What Caffe knows is what this package has from it."""

from mycaffe_py.export.caffe_layers import CAFFE_LAYERS, in_caffes_words
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import NONE
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations


def test_all_are_layers_here_by_these_names():
    assert set(layer_types) >= CAFFE_LAYERS


def test_losses_and_sources_have_no_place_in_a_net_that_only_runs():
    for name in CAFFE_LAYERS - {"Python"}:
        layer = layer_types.get(name)
        assert not layer.is_loss
        assert layer.bottom_count != NONE or name in ("Input", "Parameter", "DummyData")


def test_our_fields_at_their_defaults_are_dropped():
    param = pb.LayerParameter(name="r", type="LSTM", freeze_learning=True)
    param.recurrent_param.num_output = 3
    param.recurrent_param.batch_first = False
    param.decode_param.k = 3
    clean = in_caffes_words(param, Locations.none())
    assert clean == pb.LayerParameter(
        name="r", type="LSTM", recurrent_param=pb.RecurrentParameter(num_output=3)
    )
    assert param.HasField("decode_param")
