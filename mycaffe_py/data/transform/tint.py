"""Other colours for an image: hue and saturation, by mixing red, green and blue.

In YIQ, the colours of analogue television, Y is brightness and the plane of I and Q is the colour
wheel: its angle is the hue, the distance from its middle the saturation. So a turn by h and a
growth by s of that plane leave brightness, and with it whatever is gray, as they are:
rgb' = T^-1 [1, s R(h)] T rgb.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

COLOURS = 3
# Rows are Y, I and Q of red, green and blue (FCC 1953).
_YIQ = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
_RGB = np.linalg.inv(_YIQ)


def tints(hue: NDArray[np.float64], saturation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mixing matrices (M, 3, 3) for turns `hue` (M,) in radians and factors `saturation` (M,)."""
    wheel = np.zeros((len(hue), COLOURS, COLOURS))
    wheel[:, 0, 0] = 1
    wheel[:, 1, 1] = wheel[:, 2, 2] = saturation * np.cos(hue)
    wheel[:, 2, 1] = saturation * np.sin(hue)
    wheel[:, 1, 2] = -wheel[:, 2, 1]
    mixed: NDArray[np.float64] = np.einsum("ij,mjk,kl->mil", _RGB, wheel, _YIQ)
    return mixed


def tinted(images: NDArray[Any], tint: NDArray[Any]) -> NDArray[Any]:
    """Images (M, 3, H, W) with their colours mixed by `tint` (M, 3, 3), in tint's type.

    Sums have a fixed order, so that the bits do not depend on the library that multiplies.
    """
    factors = tint[:, :, :, np.newaxis, np.newaxis]
    made: NDArray[Any] = factors[:, :, 0] * images[:, np.newaxis, 0]
    for channel in range(1, COLOURS):
        made += factors[:, :, channel] * images[:, np.newaxis, channel]
    return made
