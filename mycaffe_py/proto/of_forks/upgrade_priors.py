"""PriorBoxes of FaceBoxes and TextBoxes, which lay more boxes than their text says.

The text is that of the SSD fork. What differs is the convolution beside it, which makes four
numbers for each box.
"""

from __future__ import annotations

from collections.abc import Sequence

from mycaffe_py.proto.mycaffe_pb2 import LayerParameter, PriorBoxParameter
from mycaffe_py.proto.upgrading import Draft

# Squares of so many pixels FaceBoxes lays in rows and columns: how many, and how many pixels apart.
DENSIFIED = {32: (4, 8), 64: (2, 16)}
# Where TextBoxes lays each box, down and to the right in its cell.
_TEXT_BOXES = ((0.5, 0.5), (1.0, 0.5))
# Ratios as near as this are one.
_SAME_RATIO = 1e-6
_NUMBERS = 4


def ratios_of(options: PriorBoxParameter) -> list[float]:
    """Width to height of the boxes beside the squares; none is taken twice."""
    found = [1.0]
    for ratio in options.aspect_ratio:
        if ratio > 0 and all(abs(ratio - known) >= _SAME_RATIO for known in found):
            found.append(ratio)
            if options.flip:
                found.append(1 / ratio)
    return found[1:]


def upgrade_priors(draft: Draft) -> None:
    """Tell the other forks' layers by the convolutions beside them, and say so in the options."""
    boxes = [layer for layer in draft.net.layer if _is_type(layer, "priorbox") and layer.bottom]
    made = _told(draft.net.layer)
    options = [(box.prior_box_param, made.get(box.bottom[0], set())) for box in boxes]
    if any(_says(one) for one, _ in options):
        return
    if any(_fits(_dense(one), _plain(one), numbers) for one, numbers in options):
        for one, _ in options:
            one.densified = True
        draft.notes.append("PriorBox is read as FaceBoxes': so many boxes the net tells of")
    elif any(_fits(2 * _plain(one), _plain(one), numbers) for one, numbers in options):
        for one, _ in options:
            one.offset_h.extend(down for down, _ in _TEXT_BOXES)
            one.offset_w.extend(right for _, right in _TEXT_BOXES)
        draft.notes.append("PriorBox is read as TextBoxes': so many boxes the net tells of")


def _told(layers: Sequence[LayerParameter]) -> dict[str, set[int]]:
    """For each map, how many numbers the convolutions make of it that tell where objects are.

    These are the ones nearest to the first bottom of a DetectionOutput.
    """
    makers: dict[str, list[LayerParameter]] = {}
    for layer in layers:
        for top in layer.top:
            makers.setdefault(top, []).append(layer)
    found: dict[str, set[int]] = {}
    blobs = [one.bottom[0] for one in layers if _is_type(one, "detectionoutput") and one.bottom]
    seen = set(blobs)
    while blobs:
        for layer in makers.get(blobs.pop(), []):
            if _is_type(layer, "convolution") and layer.bottom:
                found.setdefault(layer.bottom[0], set()).add(layer.convolution_param.num_output)
            else:
                blobs += [blob for blob in layer.bottom if blob not in seen]
                seen.update(layer.bottom)
    return found


def _is_type(layer: LayerParameter, name: str) -> bool:
    # A damaged type is bytes; reading refuses it later, with words.
    return isinstance(layer.type, str) and layer.type.lower().replace("_", "") == name


def _says(options: PriorBoxParameter) -> bool:
    """Whether the text itself says where boxes lie."""
    return bool(options.HasField("densified") or options.offset_h or options.offset_w)


def _plain(options: PriorBoxParameter) -> int:
    """Boxes of a cell in the SSD fork."""
    return (1 + len(ratios_of(options))) * len(options.min_size) + len(options.max_size)


def _dense(options: PriorBoxParameter) -> int:
    """Boxes of a cell in FaceBoxes, which has squares of one size each."""
    more = options.max_size or options.aspect_ratio
    return 0 if more else sum(DENSIFIED.get(int(side), (1, 0))[0] ** 2 for side in options.min_size)


def _fits(boxes: int, plain: int, numbers: set[int]) -> bool:
    """Whether numbers for so many boxes are made, and none for as many as the text tells."""
    return boxes != plain and _NUMBERS * boxes in numbers and _NUMBERS * plain not in numbers
