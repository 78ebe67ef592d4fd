"""Any net of a text and weights, asked by the names of its blobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.api.given.one_picture import one_picture
from mycaffe_py.api.given.pixel_values import check_real
from mycaffe_py.api.turns import TURN
from mycaffe_py.detect.detector import THRESHOLD, Detection, Detector
from mycaffe_py.detect.preparing import preparing
from mycaffe_py.detect.report import checked_threshold
from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError, nearest

Arrays = dict[str, NDArray[np.float32]]


class BlobNet:
    """A net of phase TEST. Several threads may use one; they take turns.

    Nothing is done to what goes in: mean, scale and order of colours are the caller's, unless a
    layer of the text has them.

    >>> import mycaffe_py as mycaffe, numpy as np
    >>> net = mycaffe.load(model="deploy.prototxt", weights="snapshots/small_iter_150.caffemodel")
    >>> net.inputs
    {'data': (1, 1, 28, 28)}
    >>> net.forward({"data": np.zeros((5, 1, 28, 28))}, blobs=["feat"])["feat"].shape
    (5, 8)
    """

    def __init__(self, net: Net) -> None:
        """Of an engine's net that was compiled without passes, so that every blob is there."""
        self._net = net
        self._batches = 0

    @property
    def inputs(self) -> dict[str, tuple[int, ...]]:
        """The inputs with the shapes of the text; other sizes are taken where the net allows."""
        return {name: self._net.graph.blobs[name].shape for name in self._net.graph.inputs}

    @property
    def outputs(self) -> list[str]:
        """The blobs that no layer reads."""
        return list(self._net.graph.outputs)

    @property
    def blobs(self) -> list[str]:
        """All blobs, inputs among them."""
        return list(self._net.graph.blobs)

    def forward(
        self,
        inputs: Mapping[str, Any] | None = None,
        *,
        blobs: Sequence[str] = (),
        **named: Any,
    ) -> Arrays:
        """The outputs, and the `blobs` asked for, by name, for inputs given by name.

        net.forward(data=x) or net.forward({"data": x}, blobs=["feat"]). An input with another
        number of rows, or of another size, reshapes the net, as in Caffe. The arrays are copies.
        Errors: an input missing or unknown, NaN, a shape that the layers cannot take.
        """
        given = {name: _array(name, x) for name, x in {**(inputs or {}), **named}.items()}
        self._check(given, blobs)
        with TURN:
            self._net.reshape({name: array.shape for name, array in given.items()})
            for name, array in given.items():
                self._net.blobs[name][...] = array
            self._net.forward(self._batches)
            self._batches += 1
            return {
                name: np.array(self._net.blob(name))
                for name in dict.fromkeys([*self.outputs, *blobs])
            }

    def detect(
        self,
        image: Any,
        *,
        mean: Sequence[float] = (),
        scale: float = 1.0,
        rgb: bool = False,
        threshold: float = THRESHOLD,
        names: Mapping[int, str] | None = None,
    ) -> list[Detection]:
        """The objects in one picture, the best first, as `mycaffe detect` finds them.

        `image` is a path, a Pillow image, or an array (H, W) or (H, W, C), red first. The net sees
        (value - mean) * scale, of values 0-255; `mean` is one value or one for each of its
        channels, of which blue is the first unless `rgb`. Each object has a label, its name in
        `names`, a score, and a box (x1, y1, x2, y2) in pixels.
        Errors: a net that is no detector, no picture.

        >>> import mycaffe_py as mycaffe
        >>> net = mycaffe.load(model="detector.prototxt", weights="detector.caffemodel")
        >>> for found in net.detect("street.png", names={1: "car", 2: "van"}):
        ...     print(found.name, found.box)
        car (20.0, 0.0, 40.0, 20.0)
        van (40.0, 20.0, 60.0, 40.0)
        """
        detector = Detector(self._net)
        way = preparing(mean, scale, rgb, detector.shape[0])
        least = checked_threshold(threshold)
        pixels = one_picture(image, detector.gray)
        with TURN:
            return detector.detect(pixels, way, least, names or {})

    def _check(self, given: Mapping[str, NDArray[Any]], blobs: Sequence[str]) -> None:
        """Errors: names that the net does not have, an input without values, other axes."""
        shapes = self.inputs
        for name in given:
            if name not in shapes:
                raise UserError(f"the net has no input '{name}'", do=nearest(name, shapes))
        for name in blobs:
            if name not in self._net.graph.blobs:
                raise UserError(f"the net has no blob '{name}'", do=nearest(name, self.blobs))
        for name, shape in shapes.items():
            if name not in given:
                raise UserError(f"input '{name}' is not given", wanted=f"an array such as {shape}")
            if given[name].ndim != len(shape):
                raise UserError(
                    f"input '{name}' is given an array of shape {given[name].shape}",
                    wanted=f"{len(shape)} axes, such as {shape}",
                )


def _array(name: str, given: Any) -> NDArray[Any]:
    """Errors: no numbers, none at all, NaN."""
    try:
        array = np.asarray(given)
        check_real(array)
    except (UserError, ValueError, TypeError) as error:
        raise UserError(f"input '{name}' cannot be used: {error}") from error
    if not array.size:
        raise UserError(f"input '{name}' is given an array of shape {array.shape}, which is empty")
    return array
