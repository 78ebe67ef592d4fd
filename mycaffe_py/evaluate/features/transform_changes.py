"""What a user changes of the transform that a base's own text asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mycaffe_py.proto.mycaffe_pb2 import TransformationParameter

_MEANS = ("mean_file", "mean_value", "use_imagedb_mean")


@dataclass(frozen=True)
class TransformChanges:
    """None, or False, leaves a thing as the text has it. `crop` is a side in pixels.

    A mean replaces whatever mean the text asks for. `bgr` puts blue first, `color` and `gray`
    bring images to three channels and to one.
    """

    scale: float | None = None
    mean_file: str | None = None
    mean_value: Sequence[float] | None = None
    crop: int | None = None
    bgr: bool = False
    color: bool = False
    gray: bool = False

    def over(self, param: TransformationParameter) -> TransformationParameter:
        """A copy of `param` with these changes."""
        changed = TransformationParameter()
        changed.CopyFrom(param)
        if self.mean_file is not None or self.mean_value is not None:
            for field in _MEANS:
                changed.ClearField(field)
            changed.mean_value.extend(self.mean_value or [])
            if self.mean_file is not None:
                changed.mean_file = self.mean_file
        given = {"scale": self.scale, "crop_size": self.crop}
        given |= {"force_color": self.color or None, "force_gray": self.gray or None}
        for name, value in given.items():
            if value is not None:
                setattr(changed, name, value)
        if self.bgr:
            changed.color_order = TransformationParameter.BGR
        return changed
