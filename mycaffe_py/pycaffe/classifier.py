"""A net that classifies pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.pycaffe.net import Net
from mycaffe_py.pycaffe.pictures import oversample as ten_crops
from mycaffe_py.pycaffe.resize import Size, resize_image
from mycaffe_py.pycaffe.transformer import Transformer


def transformer_of(
    net: Net,
    mean: NDArray[Any] | None,
    input_scale: float | None,
    raw_scale: float | None,
    channel_swap: Sequence[int] | None,
) -> Transformer:
    """A Transformer for the first input of `net`: channels first, and the settings given here."""
    name = net.inputs[0]
    transformer = Transformer({name: net.blobs[name].data.shape})
    transformer.set_transpose(name, (2, 0, 1))
    if mean is not None:
        transformer.set_mean(name, mean)
    if input_scale is not None:
        transformer.set_input_scale(name, input_scale)
    if raw_scale is not None:
        transformer.set_raw_scale(name, raw_scale)
    if channel_swap is not None:
        transformer.set_channel_swap(name, channel_swap)
    return transformer


class Classifier(Net):
    """A net in TEST phase with one input of pictures, and the way pictures are made to fit it.

    `image_dims` (height, width) is the size every picture gets first, the input's own by default;
    crops of the input's size are cut from that. The other options are those of Transformer, which
    stands in `transformer`.
    """

    def __init__(
        self,
        model_file: str,
        pretrained_file: str,
        image_dims: Size | None = None,
        mean: NDArray[Any] | None = None,
        input_scale: float | None = None,
        raw_scale: float | None = None,
        channel_swap: Sequence[int] | None = None,
    ) -> None:
        super().__init__(model_file, pb.TEST, weights=pretrained_file)
        self.transformer = transformer_of(self, mean, input_scale, raw_scale, channel_swap)
        self.crop_dims = np.array(self.blobs[self.inputs[0]].data.shape[2:])
        self.image_dims: Size = self.crop_dims if image_dims is None else image_dims

    def predict(
        self, inputs: Sequence[NDArray[Any]], oversample: bool = True
    ) -> NDArray[np.float32]:
        """The net's first output for each of the pictures (H, W, K): (N, classes).

        With `oversample` it is the mean over ten crops (corners and centre, each also mirrored),
        else the output for the centre alone.
        """
        images = np.stack([resize_image(image, self.image_dims) for image in inputs])
        crops = ten_crops(images, self.crop_dims) if oversample else self._centres(images)
        name = self.inputs[0]
        rows = np.stack([self.transformer.preprocess(name, crop) for crop in crops])
        scores: NDArray[np.float32] = self.forward_all(None, **{name: rows})[self.outputs[0]]
        if not oversample:
            return scores
        ten: NDArray[np.float32] = scores.reshape(len(images), 10, -1).mean(axis=1)
        return ten

    def _centres(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        height, width = (int(size) for size in self.crop_dims)
        y, x = (images.shape[1] - height) // 2, (images.shape[2] - width) // 2
        if y < 0 or x < 0:
            size = f"{images.shape[1]}x{images.shape[2]}"
            raise ValueError(f"crops of {height}x{width} from pictures of {size}")
        return images[:, y : y + height, x : x + width]
