"""What BVLC Caffe's last version, and OpenCV's reader of its files, know of a net."""

from __future__ import annotations

from collections.abc import Sequence

from google.protobuf.message import Message

from mycaffe_py.errors import UserError
from mycaffe_py.graph.model import Located
from mycaffe_py.layers import layer_types
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter

# Layers that a net which only runs may have; caffe.proto and src/caffe/layers of version 1.0.
CAFFE_LAYERS = {
    "AbsVal", "ArgMax", "BNLL", "BatchNorm", "BatchReindex", "Bias", "Clip", "Concat",
    "Convolution", "Crop", "Deconvolution", "Dropout", "DummyData", "ELU", "Eltwise", "Embed",
    "Exp", "Filter", "Flatten", "HDF5Output", "Im2col", "InnerProduct", "Input", "LRN",
    "LSTM", "LSTMUnit", "Log", "MVN", "PReLU", "Parameter", "Pooling", "Power", "Python",
    "RNN", "ReLU", "Reduction", "Reshape", "SPP", "Scale", "Sigmoid", "Silence", "Slice",
    "Softmax", "Split", "Swish", "TanH", "Threshold", "Tile",
}  # fmt: skip
# From this number on fields are MyCaffe's or ours (protos/mycaffe.proto).
_OUR_FIELDS = 1000
# Options of forks, by message, with numbers of theirs below that.
_OF_FORKS = {"DropoutParameter": "scale_train", "BatchNormParameter": "scale_bias"}


def known_to_caffe(layers: Sequence[Located]) -> tuple[list[Located], tuple[str, ...]]:
    """The layers Caffe knows, and the names of those left out at the end of the net.

    Errors: a layer Caffe does not know whose result another layer reads.
    """
    kept: list[Located] = []
    left_out: list[str] = []
    needed: set[str] = set()
    for layer in reversed(layers):
        if layer_types.get(layer.param.type).type in CAFFE_LAYERS:
            needed.update(layer.param.bottom)
            kept.append(layer)
            continue
        for index, top in enumerate(layer.param.top):
            if top in needed:
                raise _not_known(layer, index)
        left_out.append(layer.param.name)
    return kept[::-1], tuple(left_out[::-1])


def _not_known(layer: Located, top: int) -> UserError:
    param = layer.param
    return UserError(
        f"layer '{param.name}' ({param.type}): Caffe has no such layer, and later layers read its "
        f"top '{param.top[top]}'",
        where=layer.where.at("type"),
        wanted="only at the end of a net can it be left out for Caffe",
        do="Export without --caffe, for programs that know it.",
    )


def in_caffes_words(param: LayerParameter, where: Locations) -> LayerParameter:
    """A copy without the fields Caffe does not know, whose text it would refuse to read.

    Errors: such a field in the layer's options that is not at its default, so that Caffe would
    compute something else.
    """
    clean = LayerParameter()
    clean.CopyFrom(param)
    for field, value in param.ListFields():
        if field.number >= _OUR_FIELDS:
            clean.ClearField(field.name)
        elif isinstance(value, Message):
            _clear(getattr(clean, field.name), param, (field.name,), where)
    return clean


def _clear(
    options: Message, param: LayerParameter, path: tuple[str, ...], where: Locations
) -> None:
    for field, value in options.ListFields():
        inner = (*path, field.name)
        of_fork = field.name == _OF_FORKS.get(options.DESCRIPTOR.name)
        if field.number < _OUR_FIELDS and not of_fork:
            if isinstance(value, Message):
                _clear(value, param, inner, where)
            continue
        if value != field.default_value:
            raise UserError(
                f"layer '{param.name}' ({param.type}): {field.name} {value}",
                where=where.at(*inner),
                wanted="Caffe has no such option, and without it the result is another",
                do="Export without --caffe, for programs that know it.",
            )
        options.ClearField(field.name)
