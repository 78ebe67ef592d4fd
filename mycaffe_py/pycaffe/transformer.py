"""Brings pictures of scripts into the form that a net's input wants, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import nearest
from mycaffe_py.pycaffe.resize import resize_image


class Transformer:
    """What is done to a picture (H, W, K) before it enters an input (N, K, H, W).

    In this order: resize to the input's H and W, transpose, channel_swap, times raw_scale, minus
    mean, times input_scale. `inputs` are the shapes of a net's inputs by name. The settings stand
    in dicts by input; what is not set, or None, is left out.
    """

    def __init__(self, inputs: Mapping[str, Sequence[int]]) -> None:
        self.inputs = {name: tuple(shape) for name, shape in inputs.items()}
        self.transpose: dict[str, Sequence[int] | None] = {}
        self.channel_swap: dict[str, Sequence[int] | None] = {}
        self.raw_scale: dict[str, float | None] = {}
        self.mean: dict[str, NDArray[Any] | None] = {}
        self.input_scale: dict[str, float | None] = {}

    def preprocess(self, in_: str, data: NDArray[Any]) -> NDArray[np.float32]:
        """`data` (H, W, K) as float32 for the input `in_`; the caller's array stays as it is."""
        values: NDArray[np.float32] = data.astype(np.float32)
        size = self._shape(in_)[2:]
        if values.shape[:2] != size:
            values = resize_image(values, size)
        if (order := self.transpose.get(in_)) is not None:
            values = values.transpose(order)
        if (swap := self.channel_swap.get(in_)) is not None:
            values = values[list(swap)]
        if (raw_scale := self.raw_scale.get(in_)) is not None:
            values = values * np.float32(raw_scale)
        if (mean := self.mean.get(in_)) is not None:
            values = values - mean.astype(np.float32)
        if (input_scale := self.input_scale.get(in_)) is not None:
            values = values * np.float32(input_scale)
        return values

    def deprocess(self, in_: str, data: NDArray[Any]) -> NDArray[Any]:
        """The picture that `preprocess` made `data` of, at the size of the input.

        `data` is one row of the input, (K, H, W) or (1, K, H, W). Without a transpose, axes of
        length 1 are dropped, so that a gray picture is (H, W).
        """
        values = data.copy()
        axes = len(self._shape(in_)) - 1
        while values.ndim > axes and values.shape[0] == 1:
            values = values[0]
        if (input_scale := self.input_scale.get(in_)) is not None:
            values = values / np.float32(input_scale)
        if (mean := self.mean.get(in_)) is not None:
            values = values + mean.astype(np.float32)
        if (raw_scale := self.raw_scale.get(in_)) is not None:
            values = values / np.float32(raw_scale)
        if (swap := self.channel_swap.get(in_)) is not None:
            values = values[np.argsort(swap)]
        if (order := self.transpose.get(in_)) is not None:
            return values.transpose(np.argsort(order))
        return values.squeeze()

    def set_transpose(self, in_: str, order: Sequence[int]) -> None:
        """The axes of a picture in the order of the input's: (2, 0, 1) brings channels first."""
        axes = len(self._shape(in_)) - 1
        if sorted(order) != list(range(axes)):
            raise ValueError(f"transpose {tuple(order)} of '{in_}' must order the {axes} axes")
        self.transpose[in_] = order

    def set_channel_swap(self, in_: str, order: Sequence[int]) -> None:
        """The channels to take, in this order: (2, 1, 0) makes BGR of RGB."""
        channels = self._shape(in_)[1]
        if len(order) != channels:
            raise ValueError(f"channel swap {tuple(order)}, but '{in_}' has {channels} channels")
        self.channel_swap[in_] = order

    def set_raw_scale(self, in_: str, scale: float) -> None:
        """The factor before the mean is subtracted: 255 for a net that knows values 0-255."""
        self._shape(in_)
        self.raw_scale[in_] = scale

    def set_input_scale(self, in_: str, scale: float) -> None:
        """The factor at the end."""
        self._shape(in_)
        self.input_scale[in_] = scale

    def set_mean(self, in_: str, mean: NDArray[Any]) -> None:
        """What is subtracted: one value a channel (K,), or an image (H, W) or (K, H, W).

        An image of another size is resized. It is in the input's order of channels and in its
        units before `input_scale`. Other shapes raise ValueError.
        """
        shape = self._shape(in_)[1:]
        if mean.ndim == 1:
            if mean.shape[0] != shape[0]:
                raise ValueError(
                    f"a mean of {mean.shape[0]} channels, but '{in_}' has {shape[0]} channels"
                )
            self.mean[in_] = mean[:, np.newaxis, np.newaxis]
            return
        image = mean[np.newaxis] if mean.ndim == 2 else mean
        if image.ndim != 3 or image.shape[0] not in (1, shape[0]):
            raise ValueError(f"a mean of shape {mean.shape}, but '{in_}' takes {shape}")
        if image.shape[1:] not in ((1, 1), shape[1:]):
            image = resize_image(image.transpose(1, 2, 0), shape[1:]).transpose(2, 0, 1)
        self.mean[in_] = image

    def _shape(self, in_: str) -> tuple[int, ...]:
        if in_ not in self.inputs:
            raise ValueError(f"'{in_}' is no input of the net. {nearest(in_, self.inputs)}")
        return self.inputs[in_]
