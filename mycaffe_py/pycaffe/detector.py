"""A net that scores R-CNN windows, rectangles of pictures (arXiv:1311.2524)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.pycaffe.classifier import transformer_of
from mycaffe_py.pycaffe.net import Net
from mycaffe_py.pycaffe.pictures import load_image
from mycaffe_py.pycaffe.resize import resize_image

_PROPOSER = "selective_search_ijcv_with_python"


class Detector(Net):
    """A net in TEST phase with one input of pictures; windows are warped to the input's size.

    With `context_pad` the net sees a window with its surroundings: the border of the window lies
    that many pixels inside the input. What lies outside the picture gets the mean. The other
    options are those of Transformer, which stands in `transformer`.
    """

    def __init__(
        self,
        model_file: str,
        pretrained_file: str,
        mean: NDArray[Any] | None = None,
        input_scale: float | None = None,
        raw_scale: float | None = None,
        channel_swap: Sequence[int] | None = None,
        context_pad: int | None = None,
    ) -> None:
        super().__init__(model_file, pb.TEST, weights=pretrained_file)
        self.transformer = transformer_of(self, mean, input_scale, raw_scale, channel_swap)
        self.configure_crop(context_pad)

    def detect_windows(
        self, images_windows: Iterable[tuple[str, Iterable[Any]]]
    ) -> list[dict[str, Any]]:
        """Score windows (ymin, xmin, ymax, xmax), in pixels, of picture files.

        Returns for each window a dict of window, prediction (its row of the net's first output)
        and filename.
        """
        name = self.inputs[0]
        rows, detections = [], []
        for filename, windows in images_windows:
            image = load_image(filename)
            for window in windows:
                rows.append(self.transformer.preprocess(name, self.crop(image, window)))
                detections.append({"window": window, "prediction": None, "filename": filename})
        if not rows:
            return []
        scores = self.forward_all(None, **{name: np.stack(rows)})[self.outputs[0]]
        for detection, score in zip(detections, scores, strict=True):
            detection["prediction"] = score
        return detections

    def detect_selective_search(self, image_fnames: Iterable[str]) -> list[dict[str, Any]]:
        """Score the windows that selective search proposes.

        Needs the Python package selective_search_ijcv_with_python (and MATLAB, which it calls).
        """
        try:
            selective_search: Any = import_module(_PROPOSER)
        except ImportError:
            raise UserError(
                f"selective search needs the package '{_PROPOSER}', which is not installed",
                do="Make the windows in another way and call detect_windows.",
            ) from None
        paths = [str(Path(name).resolve()) for name in image_fnames]
        windows = selective_search.get_windows(paths, cmd="selective_search_rcnn")
        return self.detect_windows(zip(paths, windows, strict=True))

    def configure_crop(self, context_pad: int | None) -> None:
        """Set the width in pixels of the input's border that shows a window's surroundings."""
        name = self.inputs[0]
        back = np.argsort(self.transformer.transpose[name] or (0, 1, 2))
        self.crop_dims = np.array(self.blobs[name].data.shape[1:])[back]
        if context_pad and 2 * context_pad >= min(self.crop_dims[:2]):
            raise ValueError(f"context_pad {context_pad} leaves nothing of {self.crop_dims[:2]}")
        self.context_pad = context_pad
        # The mean where pictures are cut: (H, W, K), RGB, before the scale.
        self.crop_mean = np.zeros(self.crop_dims, dtype=np.float32)
        mean = self.transformer.mean.get(name)
        if mean is not None:
            plain = mean.transpose(back).astype(np.float32)
            swap = self.transformer.channel_swap.get(name)
            plain = plain if swap is None else plain[:, :, np.argsort(swap)]
            self.crop_mean += plain / np.float32(self.transformer.raw_scale.get(name) or 1)

    def crop(self, im: NDArray[Any], window: Any) -> NDArray[Any]:
        """The window (ymin, xmin, ymax, xmax) of the picture `im` (H, W, K).

        Without context the plain cut (the maxima are not part of it); with context an array of
        the input's size. Raises ValueError for a window outside the picture.
        """
        ymin, xmin, ymax, xmax = (int(edge) for edge in window)
        if not self.context_pad:
            return _cut(im, slice(max(ymin, 0), max(ymax, 0)), slice(max(xmin, 0), max(xmax, 0)))
        height, width = (int(size) for size in self.crop_dims[:2])
        down = _widened(ymin, ymax, im.shape[0], height, self.context_pad)
        right = _widened(xmin, xmax, im.shape[1], width, self.context_pad)
        cut = _cut(im, down[0], right[0])
        filled = self.crop_mean.copy()
        size = (down[1].stop - down[1].start, right[1].stop - right[1].start)
        filled[down[1], right[1]] = resize_image(cut, size)
        return filled


def _cut(im: NDArray[Any], rows: slice, columns: slice) -> NDArray[Any]:
    cut = im[rows, columns]
    if 0 in cut.shape:
        edges = (rows.start, columns.start, rows.stop, columns.stop)
        raise ValueError(f"the window {edges} holds no pixel of a picture {im.shape[:2]}")
    return cut


def _widened(low: int, high: int, length: int, size: int, pad: int) -> tuple[slice, slice]:
    """On one axis: which part of the picture is cut, and where in the input it is put.

    The window low..high (both part of it) grows about its middle by size / (size - 2 * pad) and
    is then rounded; the part inside the picture, scaled to `size`, starts where the part before
    the picture ends.
    """
    half = (high - low + 1) / 2
    middle = low + half
    grown = half * size / (size - 2 * pad)
    start, stop = round(middle - grown), round(middle + grown)
    scale = size / (stop - start + 1)
    inside_start, inside_stop = min(max(start, 0), length), min(max(stop, 0), length)
    offset = min(round(max(0, -start) * scale), size - 1)
    filled = max(1, min(round((inside_stop - inside_start + 1) * scale), size - offset))
    return slice(inside_start, inside_stop), slice(offset, offset + filled)
