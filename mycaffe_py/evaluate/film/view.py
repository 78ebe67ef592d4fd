"""Three dimensions on a picture: turned, seen from a little above, nearer is larger."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_PITCH = math.radians(22)
# The eye is so many half diagonals of the box from its middle: depth shows, lines stay almost even.
_EYE = 6.0
# How far from its edge, in half diagonals of the box, the name of an axis stands.
_NAME_GAP = 0.05
# A line of the grid nearer to an end of the axis than this share of a step is left out.
_APART = 0.3

Places = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Box:
    """The part of space between the corners `lower` and `upper` (3,)."""

    lower: Places
    upper: Places

    @property
    def middle(self) -> Places:
        """Its centre."""
        return (self.lower + self.upper) / 2

    @property
    def radius(self) -> float:
        """Half its diagonal."""
        return float(np.linalg.norm(self.upper - self.lower)) / 2

    @property
    def corners(self) -> Places:
        """(8, 3); the bits of a corner's number say where it is upper, the first axis first."""
        ends = list(zip(self.lower.tolist(), self.upper.tolist(), strict=True))
        return np.asarray(list(itertools.product(*ends)))

    def seen(self, places: NDArray[np.floating], yaw: float) -> Places:
        """(n, 3) from `places` (n, 3): right, up, and how near (1 in the middle of the box).

        `yaw` in radians turns the box about its third axis, which points up.
        """
        x, y, z = (places.astype(np.float64) - self.middle).T
        across = x * math.cos(yaw) - y * math.sin(yaw)
        away = x * math.sin(yaw) + y * math.cos(yaw)
        up = z * math.cos(_PITCH) + away * math.sin(_PITCH)
        depth = away * math.cos(_PITCH) - z * math.sin(_PITCH)
        near = 1 / (1 + depth / (_EYE * self.radius))
        return np.stack([across * near, up * near, near], axis=1)

    def extent(self) -> tuple[float, float]:
        """Half the width and half the height that hold the box however it is turned."""
        turns = np.linspace(0, 2 * math.pi, 72, endpoint=False)
        seen = np.concatenate([np.abs(self.seen(self.corners, yaw)) for yaw in turns])
        return float(seen[:, 0].max()), float(seen[:, 1].max())

    def walls(self, yaw: float, step: float) -> list[Places]:
        """Lines (2, 3) of the three walls behind everything: their edges, and a grid of `step`."""
        seen = self.seen(self.corners, yaw)
        far = self.corners[int(seen[:, 2].argmin())]
        lines = []
        for axis in range(3):
            others = [a for a in range(3) if a != axis]
            for along, across in (others, others[::-1]):
                for value in self.marks(along, step):
                    ends = np.tile(far, (2, 1))
                    ends[:, along] = value
                    ends[:, across] = (self.lower[across], self.upper[across])
                    lines.append(ends)
        return lines

    def marks(self, axis: int, step: float) -> list[float]:
        """Both ends of an axis and the multiples of `step` between, as far as they stand apart."""
        low, high = float(self.lower[axis]), float(self.upper[axis])
        first, last = math.ceil(low / step + _APART), math.floor(high / step - _APART)
        return [low, *(n * step for n in range(first, last + 1)), high]

    def name_spot(self, axis: int, yaw: float) -> tuple[Places, Places]:
        """Where the name of `axis` stands, as seen: right and up, and the way out from the box.

        Beside the middle of its lowest edge; of the third axis, its leftmost.
        """
        others = [a for a in range(3) if a != axis]
        edges = []
        for sides in itertools.product((self.lower, self.upper), repeat=2):
            ends = np.stack([self.lower, self.upper])
            for other, side in zip(others, sides, strict=True):
                ends[:, other] = side[other]
            edges.append(self.seen(ends, yaw)[:, :2])
        start, end = min(edges, key=lambda ends: float(ends[:, 0 if axis == 2 else 1].sum()))
        middle = (start + end) / 2
        along = end - start
        out = np.array([along[1], -along[0]]) / max(float(np.linalg.norm(along)), 1e-9)
        out = out if out @ middle > 0 else -out
        return middle + out * self.radius * _NAME_GAP, out
