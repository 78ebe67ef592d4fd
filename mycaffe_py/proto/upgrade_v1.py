"""Layers of 2014 (`layers { type: CONVOLUTION }`) become today's layers."""

from __future__ import annotations

from mycaffe_py.errors import UserError
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter, ParamSpec, V1LayerParameter
from mycaffe_py.proto.upgrading import Draft

_V1 = V1LayerParameter.LayerType
# Types whose name today is more than their words with capitals.
_NAMES = {
    "NONE": "",
    "ABSVAL": "AbsVal",
    "ARGMAX": "ArgMax",
    "BNLL": "BNLL",
    "DENSE_CRF": "DenseCRF",
    "HDF5_DATA": "HDF5Data",
    "HDF5_OUTPUT": "HDF5Output",
    "IM2COL": "Im2col",
    "LRN": "LRN",
    "MVN": "MVN",
    "RELU": "ReLU",
    "SOFTMAX_LOSS": "SoftmaxWithLoss",
    "TANH": "TanH",
}


def type_name(number: int) -> str:
    """Today's name of the V1 layer type `number`: CONTRASTIVE_LOSS is ContrastiveLoss."""
    word = _V1.Name(number)
    return _NAMES.get(word, word.title().replace("_", ""))


def upgrade_v1(draft: Draft) -> None:
    """Turn `layers` into `layer`; a net with both is refused."""
    net = draft.net
    if not net.layers:
        return
    if net.layer:
        raise UserError(
            "a net with both 'layer' and 'layers'",
            where=draft.where.at("layers"),
            wanted="'layers' is the old form, and the two do not mix",
            do="Bring all layers to the form 'layer { type: \"Convolution\" ... }'.",
        )
    for old in net.layers:
        _upgrade_layer(old, net.layer.add())
    draft.where = draft.where.moved("layer", [("layers", i) for i in range(len(net.layers))])
    draft.notes.append(f"{len(net.layers)} layers of the old form (V1) are read as today's")
    net.ClearField("layers")


def _upgrade_layer(old: V1LayerParameter, new: LayerParameter) -> None:
    if old.HasField("name"):
        new.name = old.name
    new.type = type_name(old.type)
    new.bottom.extend(old.bottom)
    new.top.extend(old.top)
    new.include.extend(old.include)
    new.exclude.extend(old.exclude)
    new.blobs.extend(old.blobs)
    new.loss_weight.extend(old.loss_weight)
    _upgrade_params(old, new)
    for field, value in old.ListFields():
        if field.name.endswith("_param"):
            getattr(new, field.name).CopyFrom(value)


def _upgrade_params(old: V1LayerParameter, new: LayerParameter) -> None:
    """Four lists, one entry for each weight array, become one message for each array."""

    def spec(i: int) -> ParamSpec:
        while len(new.param) <= i:
            new.param.add()
        return new.param[i]

    for i, name in enumerate(old.param):
        spec(i).name = name
    strict, permissive = ParamSpec.STRICT, ParamSpec.PERMISSIVE
    for i, mode in enumerate(old.blob_share_mode):
        spec(i).share_mode = strict if mode == V1LayerParameter.STRICT else permissive
    for i, factor in enumerate(old.blobs_lr):
        spec(i).lr_mult = factor
    for i, factor in enumerate(old.weight_decay):
        spec(i).decay_mult = factor
