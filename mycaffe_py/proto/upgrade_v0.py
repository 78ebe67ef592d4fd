"""Layers of the first texts (`layers { layer { type: "conv" } }`) become V1 layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mycaffe_py.errors import UserError, Where, nearest
from mycaffe_py.proto.locations import Path
from mycaffe_py.proto.mistakes import Mistakes
from mycaffe_py.proto.mycaffe_pb2 import V0LayerParameter, V1LayerParameter
from mycaffe_py.proto.upgrading import Draft

# Type words that are not today's enum word in small letters.
_OTHER_WORDS = {
    "conv": "CONVOLUTION",
    "images": "IMAGE_DATA",
    "innerproduct": "INNER_PRODUCT",
    "pool": "POOLING",
}
_SAME_WORDS = (
    "accuracy", "bnll", "concat", "data", "dropout", "euclidean_loss", "flatten", "hdf5_data",
    "hdf5_output", "im2col", "infogain_loss", "lrn", "multinomial_logistic_loss", "relu",
    "sigmoid", "softmax", "softmax_loss", "split", "tanh", "window_data",
)  # fmt: skip
_TYPES = _OTHER_WORDS | {word: word.upper() for word in _SAME_WORDS}

_OPTIONS = {
    "conv": "convolution_param",
    "innerproduct": "inner_product_param",
    "pool": "pooling_param",
    "dropout": "dropout_param",
    "lrn": "lrn_param",
    "data": "data_param",
    "hdf5_data": "hdf5_data_param",
    "images": "image_data_param",
    "window_data": "window_data_param",
    "infogain_loss": "infogain_loss_param",
    "concat": "concat_param",
}
# V0 field: its name today, and the types whose options it belongs to.
_FIELDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "num_output": ("num_output", ("conv", "innerproduct")),
    "biasterm": ("bias_term", ("conv", "innerproduct")),
    "weight_filler": ("weight_filler", ("conv", "innerproduct")),
    "bias_filler": ("bias_filler", ("conv", "innerproduct")),
    "pad": ("pad", ("conv", "pool")),
    "kernelsize": ("kernel_size", ("conv", "pool")),
    "group": ("group", ("conv",)),
    "stride": ("stride", ("conv", "pool")),
    "pool": ("pool", ("pool",)),
    "dropout_ratio": ("dropout_ratio", ("dropout",)),
    "local_size": ("local_size", ("lrn",)),
    "alpha": ("alpha", ("lrn",)),
    "beta": ("beta", ("lrn",)),
    "k": ("k", ("lrn",)),
    "source": ("source", ("data", "hdf5_data", "images", "window_data", "infogain_loss")),
    "batchsize": ("batch_size", ("data", "hdf5_data", "images", "window_data")),
    "rand_skip": ("rand_skip", ("data", "images")),
    "shuffle_images": ("shuffle", ("images",)),
    "new_height": ("new_height", ("images",)),
    "new_width": ("new_width", ("images",)),
    "concat_dim": ("concat_dim", ("concat",)),
    "det_fg_threshold": ("fg_threshold", ("window_data",)),
    "det_bg_threshold": ("bg_threshold", ("window_data",)),
    "det_fg_fraction": ("fg_fraction", ("window_data",)),
    "det_context_pad": ("context_pad", ("window_data",)),
    "det_crop_mode": ("crop_mode", ("window_data",)),
}
# V0 field: its name in transform_param, for layers of any type.
_TRANSFORM = {
    "scale": "scale",
    "meanfile": "mean_file",
    "cropsize": "crop_size",
    "mirror": "mirror",
}
_KEPT = ("name", "blobs", "blobs_lr", "weight_decay")


def upgrade_v0(draft: Draft) -> None:
    """Turn V0 layers into V1 layers, once the padding layers are folded away."""
    if not any(layer.HasField("layer") for layer in draft.net.layers):
        return
    count = len(draft.net.layers)
    _fold_padding(draft)
    _check_types(draft)
    for i, layer in enumerate(draft.net.layers):
        if layer.HasField("layer"):
            layer.CopyFrom(_v1_layer(draft, i, layer))
    draft.notes.append(f"{count} layers of the first form (V0) are read as V1 layers")


def _check_types(draft: Draft) -> None:
    """Raise UserError with all words that are no type of the first form."""
    mistakes = Mistakes(draft.where.file)
    for i, layer in enumerate(draft.net.layers):
        if layer.HasField("layer") and layer.layer.type not in _TYPES:
            mistakes.other(_unknown(layer.layer.type, draft.where.at("layers", i)))
    if mistakes:
        raise mistakes.error()


def _unknown(word: str, where: Where) -> UserError:
    return UserError(
        f"unknown layer type '{word}'",
        where=where,
        wanted="one of the types of the first form",
        do=nearest(word, _TYPES),
    )


def _fold_padding(draft: Draft) -> None:
    """Give the padding of each padding layer to the convolution or pooling behind it."""
    layers = list(draft.net.layers)
    makers: dict[str, V1LayerParameter] = {}
    kept: list[V1LayerParameter] = []
    origins: list[Path] = []
    for i, layer in enumerate(layers):
        for b, bottom in enumerate(layer.bottom):
            maker = makers.get(bottom)
            if maker is not None and maker.layer.type == "padding":
                _take_padding(draft, i, b, maker)
        makers |= dict.fromkeys(layer.top, layer)
        if layer.layer.type != "padding":
            kept.append(layer)
            origins.append(("layers", i))
        elif len(layer.bottom) != 1 or len(layer.top) != 1:
            raise UserError(
                f"padding layer '{layer.layer.name}' with {len(layer.bottom)} bottoms and "
                f"{len(layer.top)} tops",
                where=draft.where.at("layers", i),
                wanted="it has one of each",
            )
    copies = [V1LayerParameter.FromString(layer.SerializeToString()) for layer in kept]
    del draft.net.layers[:]
    draft.net.layers.extend(copies)
    draft.where = draft.where.moved("layers", origins)


def _take_padding(draft: Draft, i: int, b: int, padding: V1LayerParameter) -> None:
    """Let layer i, whose bottom b is a padded blob, do the padding itself."""
    layer = draft.net.layers[i]
    if layer.layer.type not in ("conv", "pool"):
        raise UserError(
            f"layer '{layer.layer.name}' ({layer.layer.type}) behind a padding layer",
            where=draft.where.at("layers", i),
            wanted="only conv and pool can pad",
        )
    layer.layer.pad = padding.layer.pad
    layer.bottom[b] = padding.bottom[0]


def _v1_layer(draft: Draft, i: int, connection: V1LayerParameter) -> V1LayerParameter:
    old = connection.layer
    new = V1LayerParameter(bottom=connection.bottom, top=connection.top, type=_TYPES[old.type])
    for field, value in old.ListFields():
        if field.name in _KEPT:
            _put(new, field.name, value)
        elif field.name in _TRANSFORM:
            _put(new.transform_param, _TRANSFORM[field.name], value)
        elif field.name == "hdf5_output_param":
            new.hdf5_output_param.CopyFrom(old.hdf5_output_param)
        elif old.type in _FIELDS.get(field.name, ("", ()))[1]:
            _put(getattr(new, _OPTIONS[old.type]), _FIELDS[field.name][0], value)
        elif field.name != "type":
            draft.notes.append(_left_out(draft, i, old, field.name))
    return new


def _left_out(draft: Draft, i: int, old: V0LayerParameter, name: str) -> str:
    place = draft.where.at("layers", i)
    return f"{place}: '{name}' means nothing to layer '{old.name}' ({old.type}) and is left out"


def _put(message: Any, name: str, value: Any) -> None:
    """Set a field, whatever its kind; a single value for a repeated field becomes its one entry."""
    field = message.DESCRIPTOR.fields_by_name[name]
    if not field.has_presence:
        is_many = hasattr(value, "extend")
        getattr(message, name).extend(value if is_many else [value])
    elif field.message_type is not None:
        getattr(message, name).CopyFrom(value)
    else:
        setattr(message, name, value)
