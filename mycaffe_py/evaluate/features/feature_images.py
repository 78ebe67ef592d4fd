"""The images a base sees, row by row: each as it is, or with seeded variants."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, Images, make_source
from mycaffe_py.data.pictures.picture_fit import resized
from mycaffe_py.data.transform.augment import DRAWS, MORE_DRAWS, SHAPE_DRAWS, Augment
from mycaffe_py.data.transform.transform import Transform, TransformSettings
from mycaffe_py.errors import UserError
from mycaffe_py.proto.mycaffe_pb2 import AugmentParameter
from mycaffe_py.random_streams import stream

# What is done where nobody says: for a 28x28 digit 2 pixels, as the templates suggest. Nothing is
# flipped or cut, which would make other digits of some.
_SHIFT_SHARE = 1 / 14
_ROTATE_DEGREES = 10.0
_ZOOM = 0.1
_BRIGHTNESS = 0.1


def usual_augment(shape: tuple[int, int, int]) -> AugmentParameter:
    """Variants of images (C, H, W) where neither options nor model say how."""
    shift = max(1.0, float(round(min(shape[1:]) * _SHIFT_SHARE)))
    return AugmentParameter(shift=shift, rotate=_ROTATE_DEGREES, zoom=_ZOOM, brightness=_BRIGHTNESS)


def settings_sum(settings: TransformSettings) -> str:
    """sha256 of what is done to an image that is not varied, the mean's numbers included."""
    told = (settings.scale, settings.crop_size, settings.channels, settings.bgr)
    digest = hashlib.sha256(repr(told).encode())
    if settings.mean is not None:
        digest.update(np.ascontiguousarray(settings.mean, dtype="<f4").data)
    return digest.hexdigest()


def resized_source(source: ArraySource, size: tuple[int, int]) -> ArraySource:
    """`source` with all images (C, h, w) brought to `size` (height, width), as a table's are."""
    check_resize(source)
    made = [resized(i.view(np.uint8), *size) for block in source.blocks() for i in block]
    whole = make_source(
        source.name, np.stack(made), source.labels, source.label_names, source.description
    )
    return replace(whole, stand_in_for=source.stand_in_for, pictures=source.pictures)


def check_resize(source: ArraySource) -> None:
    """Errors: no pictures, so nothing to resize."""
    if source.dtype != np.uint8 or source.shape[0] not in (1, 3):
        raise UserError(
            f"--resize for '{source.name}', images of {source.shape}, {source.dtype}",
            wanted="pictures, bytes in 1 or 3 channels",
        )


class FeatureImages:
    """Rows of a table in their order: row r is variant r % variants of image r // variants.

    Variant 0 is the image as it is, cut from the centre. Variant v is drawn from row v of the
    stream (seed, "features/variants", image), so it is the same however many variants there are.
    With `size` (height, width) images are resized whole before all else.
    """

    def __init__(
        self,
        source: ArraySource,
        settings: TransformSettings,
        variants: int,
        seed: int,
        size: tuple[int, int] | None = None,
    ) -> None:
        self.source = source
        self.variants = variants
        self._size = size
        shape = source.shape if size is None else (source.shape[0], *size)
        plain = replace(settings, mirror=False, augment=Augment())
        self._plain = Transform(plain, shape)
        self._varied = _Varied(settings, shape, train=True, seed=seed)

    def __len__(self) -> int:
        return len(self.source) * self.variants

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, h, w) of what the base gets."""
        return self._plain.out_shape

    def write(self, start: int, y_out: NDArray[Any]) -> None:
        """Write the rows from `start` into y_out (m, 1, C, h, w)."""
        rows = np.arange(start, start + len(y_out), dtype=np.int64)
        numbers, variants = np.divmod(rows, self.variants)
        pixels, places = self._pixels(numbers)
        if self.variants == 1:
            self._plain.apply(pixels, places, 0, y_out)
        else:
            self._varied.apply_variants(pixels, places, numbers, variants, y_out)

    def _pixels(self, numbers: NDArray[np.int64]) -> tuple[Images, NDArray[np.int64]]:
        """Images (k, C, H, W) in the size that is wanted, and where among them `numbers` are."""
        if self._size is None:
            return self.source.chosen(numbers)
        few, places = np.unique(numbers, return_inverse=True)
        height, width = self._size
        made = [resized(image, height, width) for image in self.source.gather(few).view(np.uint8)]
        return np.stack(made), places


class _Varied(Transform):
    """Draws for each image by its number, not for each batch."""

    def apply_variants(
        self,
        pixels: Images,
        places: NDArray[np.int64],
        images: NDArray[np.int64],
        variants: NDArray[np.int64],
        y_out: NDArray[Any],
    ) -> None:
        """Write the `variants` (m,) of the `images` (m,) into y_out (m, 1, C, h, w).

        Image number images[i] is pixels[places[i]].
        """
        draws = self._numbers("features/variants", DRAWS + MORE_DRAWS, images, variants)
        if self.settings.augment.draws_shape:
            more = self._numbers("features/variants/shape", SHAPE_DRAWS, images, variants)
            draws = np.hstack([draws, more])
        mirror, corner, warp = self._chosen(len(images), draws)
        plain = variants == 0
        still, centre = self._centred(len(images))
        mirror, corner = np.where(plain, still, mirror), np.where(plain[:, None], centre, corner)
        if warp is not None:
            warp.leave(plain)
        self._write(pixels, places, mirror, corner, warp, y_out)

    def _numbers(
        self, purpose: str, count: int, images: NDArray[np.int64], variants: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Random numbers (m, count): those of each variant of an image are its own."""
        draws = np.empty((len(images), count))
        for image in np.unique(images).tolist():
            mine = images == image
            numbers = stream(self.seed, purpose, image)
            every = numbers.random((int(variants[mine].max()) + 1, count))
            draws[mine] = every[variants[mine]]
        return draws
