"""Pictures with the boxes of what was found in them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PIL import Image, ImageDraw

from mycaffe_py.data.pictures.boxed_names import boxed_names
from mycaffe_py.data.pictures.drawn_words import PillowWords
from mycaffe_py.detect.report import Detections, Seen
from mycaffe_py.files.atomic import write_atomically

# Told apart by people who see few colours, too; a class keeps its colour from picture to picture.
_COLOURS = (
    (255, 140, 0), (90, 170, 255), (60, 200, 120), (230, 90, 200), (240, 220, 60), (150, 120, 255),
)  # fmt: skip
_INK = (0, 0, 0)
_FONT_PART, _LEAST_FONT_PX = 40, 12
_MOST_LETTERS = 40


def write_boxed(detections: Detections, out: Path) -> list[Path]:
    """Write each picture with its boxes: one to the file `out`, several into the folder `out`."""
    asked = len(detections.seen) + len(detections.unread)
    files = boxed_names(out, [one.path for one in detections.seen], asked)
    for one, file in zip(detections.seen, files, strict=True):
        write_atomically(file, partial(boxed(one).save, format="PNG"))
    return files


def boxed(seen: Seen) -> Image.Image:
    """The picture with a box around each object, its name and score above; the best drawn last."""
    pixels = seen.pixels[::-1].transpose(1, 2, 0)
    picture = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).convert("RGB")
    draw = ImageDraw.Draw(picture)
    size = max(_LEAST_FONT_PX, max(picture.size) // _FONT_PART)
    words = PillowWords([found.name for found in seen.found], size)
    thick = max(2, size // 6)
    for found in reversed(seen.found):
        colour = _COLOURS[found.label % len(_COLOURS)]
        x1, y1, x2, y2 = map(round, found.box)
        draw.rectangle((x1, y1, max(x1 + 1, x2 - 1), max(y1 + 1, y2 - 1)), None, colour, thick)
        text = f"{words.drawn(found.name, _MOST_LETTERS)} {found.score:.2f}"
        left, top, right, low = draw.textbbox((0, 0), text, font=words.font)
        width, height = right - left + 2 * thick, low - top + 2 * thick
        # Above the box, or where there is no room at its upper edge; never beyond the right one.
        x = max(0, min(x1, picture.size[0] - width))
        y = y1 - height if y1 >= height else y1
        draw.rectangle((x, y, x + width, y + height), fill=colour)
        draw.text((x + thick - left, y + thick - top), text, fill=_INK, font=words.font)
    return picture
