"""A net as an index uses it: files and records in, rows of one blob out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.data.array_source import ArraySource, Images, make_source
from mycaffe_py.data.feature_tables.feature_card import Base
from mycaffe_py.data.pictures.picture_record import Asked, PictureRecord
from mycaffe_py.data.transform.transform import Transform
from mycaffe_py.data.transform.transform_text import transform_settings
from mycaffe_py.engine.answering_net import answer_node, encoding_blob
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.evaluate.features.feature_base import FeatureNet, FrozenBase
from mycaffe_py.evaluate.features.feature_images import settings_sum
from mycaffe_py.graph.compile import compile_run_net
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import write_text
from mycaffe_py.trained.inputs import input_like
from mycaffe_py.trained.loaded_net import transform_for
from mycaffe_py.trained.measured_source import as_learned
from mycaffe_py.trained.read_picture import unrecorded

# Pictures at a time, and most of their values.
_BATCH = 64
_BATCH_VALUES = 1 << 22


class Embedder:
    """The net of `base` from its input to `blob`, for inputs like those of `like`."""

    def __init__(self, base: FrozenBase, blob: str, like: ArraySource, most: int = _BATCH) -> None:
        """Up to `most` inputs at a time. Errors: no such blob, inputs of another size."""
        self.base, self.blob, self.like = base, blob, like
        values = int(np.prod(like.shape))
        self._batch = max(1, min(_BATCH, most, _BATCH_VALUES // values))
        self._net = FeatureNet(base, blob, self._batch)
        self._transform = _transform(base, like)
        if self._transform.out_shape != self._net.image_shape:
            raise UserError(
                f"'{like.name}' gives inputs of {self._transform.out_shape}",
                wanted=f"blob '{self._net.input}' of the net takes {self._net.image_shape} "
                "(channels, height, width)",
            )

    @property
    def batch(self) -> int:
        """Inputs that go through the net together."""
        return self._batch

    @property
    def transform_sum(self) -> str:
        """sha256 of what is done to an input before the net, its mean included."""
        return settings_sum(self._transform.settings)

    @property
    def size(self) -> int:
        """Values of a row."""
        return self._net.size

    def card_base(self) -> Base:
        """What identifies the net."""
        model, weights = self.base.checksums
        plain = pb.TransformationParameter()
        plain.CopyFrom(self.base.transform)
        plain.ClearField("augment_param")
        return Base(
            blob=self.blob,
            model=self.base.model,
            model_checksum=model,
            weights=str(self.base.weights_file),
            weights_checksum=weights,
            transform=write_text(plain),
            transform_checksum=self.transform_sum,
        )

    def embed(self, images: Images) -> FeatureRows:
        """(n, D) of inputs (n, C, H, W). Errors: another shape, NaN or infinity in or out."""
        if images.shape[1:] != self.like.shape:
            raise UserError(
                f"inputs of {images.shape[1:]}",
                wanted=f"the index takes {self.like.shape} (channels, height, width)",
            )
        if images.dtype.kind == "f" and not np.isfinite(images).all():
            raise UserError("an input holds NaN or infinity")
        rows = np.empty((len(images), self.size), np.float32)
        for start in range(0, len(images), self._batch):
            part = images[start : start + self._batch]
            self._transform.apply(part, np.arange(len(part)), 0, self._net.input_rows(len(part)))
            rows[start : start + len(part)] = self._net.features(len(part))
        if not np.isfinite(rows).all():
            raise MyCaffeError(
                f"{self.base.weights_file} gives rows that are not finite", do=self._net.advice
            )
        return rows

    def as_learned(self, source: ArraySource) -> ArraySource:
        """`source` in the scaling that the net knows. Errors: other counters, another size."""
        if self.base.snapshot is not None and self.base.snapshot.data is not None:
            source = as_learned(self.base.snapshot, source, {})
        elif source.counters != self.like.counters:
            raise UserError(
                f"'{source.name}' has other counters, or another scaling of them",
                wanted=f"the index was made of {self.like.name}",
            )
        if source.shape != self.like.shape:
            raise UserError(
                f"'{source.name}' gives inputs of {source.shape}",
                wanted=f"the net takes {self.like.shape} (channels, height, width)",
            )
        return source


def usual_blob(base: FrozenBase) -> str:
    """The blob that `encode` gives: before Decode or Softmax where the net ends in one.

    Errors: no output that could be meant.
    """
    graph = compile_run_net(
        base.text, base.shapes, 1, stored=base.weights.shapes(), opening=base.opening
    )
    try:
        answer = answer_node(graph)
    except UserError as error:
        raise UserError(error.found, where=error.where, do="Name a blob with --blob.") from error
    return encoding_blob(answer)


def like_of(
    base: FrozenBase,
    blob: str,
    asked: Asked | None = None,
    source: ArraySource | None = None,
    size: tuple[int, int] | None = None,
) -> ArraySource:
    """Inputs as the net takes them, and how files become such.

    A snapshot knows it from its run. With a model and its weights they are those of `source`, if
    there is one, else pictures of `size` (width, height), or of the size that the net takes.
    """
    if base.snapshot is not None:
        return input_like(base.snapshot, asked)
    if source is not None:
        pictures = source.pictures
        if pictures and asked is not None:
            pictures = asked.over(PictureRecord.from_json(pictures)).to_json()
        return replace(source, pictures=pictures)
    channels, height, width = FeatureNet(base, blob, 1).image_shape
    width, height = size or (width, height)
    shape = _with_channels(channels, base.transform), height, width
    record = (asked or Asked()).over(unrecorded(shape))
    made = make_source(base.weights_file.name, np.zeros((1, *shape), np.uint8), np.zeros(1, int))
    return replace(made, pictures=record.to_json())


def stored_like(
    base: FrozenBase, shape: tuple[int, int, int], dtype: str, pictures: str, counters: str
) -> ArraySource:
    """The same again from what a card tells; a snapshot adds what only it knows, as its mean."""
    if base.snapshot is not None:
        return replace(input_like(base.snapshot), pictures=pictures, counters=counters)
    image = np.zeros((1, *shape), np.dtype(dtype))
    made = make_source(base.weights_file.name, image, np.zeros(1, int))
    return replace(made, pictures=pictures, counters=counters)


def _with_channels(channels: int, transform: pb.TransformationParameter) -> int:
    """Channels of a picture before the net's transform changes them."""
    return 3 if transform.force_gray else 1 if transform.force_color else channels


def _transform(base: FrozenBase, like: ArraySource) -> Transform:
    if base.snapshot is not None:
        return transform_for(base.snapshot, like)
    settings = transform_settings(base.transform, like, base.text.where)
    return Transform(replace(settings, mirror=False), like.shape)
