"""What the text of a Data layer may say."""

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
    check_class_batches(layer, at)
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


def check_class_batches(layer: pb.LayerParameter, at: Locations) -> None:
    """Errors: what does not go with labels_per_batch and images_per_label in data_param."""
    param = layer.data_param
    title = f"layer '{layer.name}' (Data)"
    sizes = (param.labels_per_batch, param.images_per_label)
    if not any(sizes):
        return
    names = ("labels_per_batch", "images_per_label")
    for name, other in (names, names[::-1]):
        if not getattr(param, name):
            raise UserError(
                f"{title}: {other} {getattr(param, other)} without {name}",
                where=at.at(other),
                wanted="a batch is labels_per_batch classes of images_per_label images each",
            )
    together = f"labels_per_batch {sizes[0]} and images_per_label {sizes[1]}"
    if param.batch_size != sizes[0] * sizes[1]:
        raise UserError(
            f"{title}: batch_size is {param.batch_size}",
            where=at.at("batch_size"),
            wanted=f"{together} make batches of {sizes[0] * sizes[1]}",
            do=f"Write batch_size: {sizes[0] * sizes[1]}.",
        )
    if param.images_per_blob != 1:
        raise UserError(
            f"{title}: images_per_blob {param.images_per_blob} with labels_per_batch",
            where=at.at("images_per_blob"),
            wanted="1: the loss forms pairs and triplets of the rows of a batch",
        )
    for field, why in (
        ("label_balancing", param.label_balancing),
        ("enable_random_selection", not param.enable_random_selection),
    ):
        if param.HasField(field) and why:
            raise UserError(
                f"{title}: {field} {str(getattr(param, field)).lower()} with labels_per_batch",
                where=at.at(field),
                wanted="classes are drawn by chance already, each as often as any other",
                do=f"Delete {field}.",
            )


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
