"""Floor 2. What the text of a Data layer may say."""

from __future__ import annotations

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations

# Fields that change what a batch holds, or promise a log, and that are not built.
_UNSUPPORTED = (
    "enable_pair_selection",
    "enable_noise_for_nonmatch",
    "output_image_information",
    "display_timing",
    "synchronize_with",
)
_MOST_PER_BLOB = 3
# The tops are (data, label, index).
_MOST_TOPS = 3


def check_data_layer(layer: pb.LayerParameter, at: Locations) -> None:
    """Errors: each mistake in data_param, whose places `at` holds, and too many tops."""
    param = layer.data_param
    title = f"layer '{layer.name}' (Data)"
    if not param.source:
        raise UserError(
            f"{title} names no source",
            where=at.at("source"),
            wanted='data_param { source: "MNIST.training" } or another one',
            do="'mycaffe dataset list' shows what there is.",
        )
    if param.batch_size < 1:
        raise UserError(
            f"{title}: batch_size is {param.batch_size}",
            where=at.at("batch_size"),
            wanted="a batch holds at least one item",
        )
    if not 1 <= param.images_per_blob <= _MOST_PER_BLOB:
        raise UserError(
            f"{title}: images_per_blob is {param.images_per_blob}",
            where=at.at("images_per_blob"),
            wanted="1, 2 for pairs, or 3 for (anchor, positive, negative)",
        )
    for field in _UNSUPPORTED:
        if getattr(param, field):
            raise UserError(f"{title}: {field} is not supported", where=at.at(field))
    _check_tops(layer, title, at)


def _check_tops(layer: pb.LayerParameter, title: str, at: Locations) -> None:
    param = layer.data_param
    kinds = pb.DataParameter
    if param.label_type not in (kinds.NONE, kinds.SINGLE, kinds.ONLY_ONE):
        name = kinds.LabelType.Name(param.label_type)
        raise UserError(f"{title}: label_type {name} is not supported", where=at.at("label_type"))
    most = _MOST_TOPS if param.output_image_index else _MOST_TOPS - 1
    if param.label_type == kinds.NONE:
        most = 1
    if not 1 <= len(layer.top) <= most:
        raise UserError(
            f"{title} has {len(layer.top)} tops",
            where=at.at(),
            wanted=f"it can fill {most}: data, label and, with output_image_index, the index"
            if most > 1
            else "with label_type NONE it fills one",
        )
