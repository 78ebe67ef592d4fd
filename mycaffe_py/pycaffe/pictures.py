"""Picture files as arrays, and the ten crops of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mycaffe_py.data.pictures.deep_picture import UnreadableError
from mycaffe_py.data.pictures.picture_file import opened_picture
from mycaffe_py.pycaffe.resize import Size

# The largest picture is what Pillow itself allows: it may be cut later, so it need not fit a net.
_MOST_PIXELS = 178_956_970
# Share of red, green and blue in a gray value: ITU-R BT.709, as scikit-image has it.
_GRAY_SHARES = (0.2125, 0.7154, 0.0721)


def load_image(filename: str | Path, color: bool = True) -> NDArray[np.float32]:
    """The picture as float32 (H, W, 3), red first, or (H, W, 1) for `color=False`; values 0-1.

    Transparency is dropped and a camera's rotation mark is not obeyed, as Caffe does neither.
    A file that is missing or no picture raises an OSError that names it.
    """
    try:
        with Path(filename).open("rb") as file, opened_picture(file, _MOST_PIXELS) as image:
            values = _values(image)
    except UnreadableError as error:
        raise OSError(f"{filename}: {error}") from error
    if values.ndim == 2:
        values = values[:, :, np.newaxis]
        return np.tile(values, (1, 1, 3)) if color else values
    if color:
        return values
    return (values @ np.array(_GRAY_SHARES, dtype=np.float32))[:, :, np.newaxis]


def _values(image: Image.Image) -> NDArray[np.float32]:
    """The pixels (H, W) or (H, W, 3), values 0-1."""
    if image.mode == "F":
        return np.asarray(image, dtype=np.float32)
    if image.mode.startswith("I"):  # 16 bits a pixel, whatever the width of the array
        return np.asarray(image, dtype=np.float32) / np.float32(65535)
    gray = image.mode in ("1", "L", "LA", "La")
    return np.asarray(image.convert("L" if gray else "RGB"), dtype=np.float32) / np.float32(255)


def oversample(
    images: Sequence[NDArray[Any]] | NDArray[Any], crop_dims: Size
) -> NDArray[np.float32]:
    """Ten crops for each of `images`, all (H, W, K): float32 (10 * N, height, width, K).

    Their order: top left, top right, bottom left, bottom right, centre, then the same mirrored.
    Raises ValueError where a crop is larger than a picture.
    """
    height, width = (int(size) for size in crop_dims)
    full_height, full_width, channels = images[0].shape
    down, right = full_height - height, full_width - width
    if down < 0 or right < 0:
        raise ValueError(f"crops of {height}x{width} from pictures of {full_height}x{full_width}")
    corners = [(0, 0), (0, right), (down, 0), (down, right), (down // 2, right // 2)]
    crops = np.empty((len(images), 2, 5, height, width, channels), dtype=np.float32)
    for image, own in zip(images, crops, strict=True):
        for number, (y, x) in enumerate(corners):
            own[0, number] = image[y : y + height, x : x + width]
    crops[:, 1] = crops[:, 0, :, :, ::-1]
    return crops.reshape(-1, height, width, channels)
