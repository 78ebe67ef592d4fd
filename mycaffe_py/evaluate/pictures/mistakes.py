"""A contact sheet of mistakes: each picture with what it is and what it was taken for."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from mycaffe_py.data.pictures.drawn_words import Font, PillowWords
from mycaffe_py.data.pictures.sheet import as_picture
from mycaffe_py.evaluate.test_many import Report
from mycaffe_py.files.atomic import write_atomically

_COLUMNS = 12
_MOST = 240
_TILE_PX = 64
_TEXT_PX = 14
_GAP_PX = 6
_PAPER = (32, 34, 38)
_INK = (230, 230, 230)


def draw_mistakes(report: Report, path: Path) -> int:
    """Write the PNG `path` and return how many of the mistakes it shows (at most 240)."""
    wrong = report.scores.wrong[:_MOST]
    rows = max(1, -(-len(wrong) // _COLUMNS))
    step = (_TILE_PX + _GAP_PX, _TILE_PX + _TEXT_PX + _GAP_PX)
    title_px = _TEXT_PX + 2 * _GAP_PX
    size = (_COLUMNS * step[0] + _GAP_PX, rows * step[1] + title_px + _GAP_PX)
    sheet = Image.new("RGB", size, _PAPER)
    pen = ImageDraw.Draw(sheet)
    words = PillowWords(report.source.label_names.values(), _TEXT_PX - 3)
    font = words.font
    pen.text((_GAP_PX, _GAP_PX), _title(report, len(wrong)), _INK, font)
    pictures = report.source.gather(report.records[wrong])
    truth = report.source.labels[report.records[wrong]]
    answers = report.answers[wrong]
    for number, (picture, is_, said) in enumerate(zip(pictures, truth, answers, strict=True)):
        left = _GAP_PX + number % _COLUMNS * step[0]
        top = title_px + number // _COLUMNS * step[1]
        tile = as_picture(picture).resize((_TILE_PX, _TILE_PX), Image.Resampling.NEAREST)
        sheet.paste(tile, (left, top))
        caption = f"{report.name(int(is_))}, not {report.name(int(said))}"
        pen.text((left, top + _TILE_PX), _fitting(words.drawn(caption), font), _INK, font)
    write_atomically(path, lambda file: sheet.save(file, "PNG"))
    return len(wrong)


def _fitting(text: str, font: Font) -> str:
    """`text`, cut to the width of a tile."""
    while len(text) > 1 and font.getlength(text) > _TILE_PX:
        text = f"{text[:-2]}…"
    return text


def _title(report: Report, shown: int) -> str:
    of = f"{shown} of " if shown < len(report.scores.wrong) else ""
    return (
        f"{of}{len(report.scores.wrong)} mistakes among {report.scores.n} items of "
        f"{report.source.name}: what it is, not what was answered"
    )
