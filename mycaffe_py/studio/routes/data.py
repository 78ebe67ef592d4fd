"""The data pages: what there is, one set with its pictures, and forms that make another one."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from starlette.responses import Response

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.dataset_removal import remove_dataset
from mycaffe_py.data.label_match import class_names
from mycaffe_py.data.pictures.picture_record import PictureRecord
from mycaffe_py.errors import UserError
from mycaffe_py.studio.answers import Asked, asks, does, whole, word
from mycaffe_py.studio.sets import browsed, sheets
from mycaffe_py.studio.sets.forms import forms
from mycaffe_py.studio.sets.places import Places
from mycaffe_py.studio.state import Studio

# A row of features can have thousands of values; a table of more says nothing.
_MOST_VALUES = 4096


def data(studio: Studio, asked: Asked) -> list[dict[str, Any]]:
    """All data sets."""
    return browsed.all_told()


def form_list(studio: Studio, asked: Asked) -> list[dict[str, Any]]:
    """A form for each kind that can be made or imported."""
    return [form.told() for form in forms()]


def places(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Names in a folder that a data set may be made from."""
    return Places.of(studio.workspace).names(word(asked, "path", ""))


def remove(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Take a data set that was made away for good."""
    remove_dataset(word(asked, "dataset"))
    return {}


def one_set(studio: Studio, asked: Asked) -> dict[str, Any]:
    """A source with the figures of `mycaffe dataset show --json`, and how its sheets are laid."""
    name = word(asked, "source")
    dataset, splits = _splits(name)
    source = browsed.browse(name if name in splits else splits[0])
    labels, counts = np.unique(source.labels, return_counts=True)
    names = class_names(source)
    width, height = sheets.tile_size(source)
    return {
        "dataset": dataset, "splits": splits, "name": source.name, "images": len(source),
        "shape": list(source.shape), "checksum": source.checksum, "word": source.word,
        "description": source.description,
        "pictures": PictureRecord.from_json(source.pictures).words() if source.pictures else "",
        "counts": [
            {"label": label, "name": names[label], "count": count}
            for label, count in zip(labels.tolist(), counts.tolist(), strict=True)
        ],
        "lines": browsed.has_lines(source),
        "tile": [width + 1, height + 1], "sheet_rows": sheets.ROWS,
        "most_columns": sheets.MOST_COLUMNS,
        "models": [text for text in studio.workspace.texts() if text.endswith(".prototxt")],
    }  # fmt: skip


def sheet(studio: Studio, asked: Asked) -> Response:
    """PNG number `n` of the images, or of those of a label."""
    source = browsed.browse(word(asked, "source"))
    columns = min(max(whole(asked, "columns", sheets.MOST_COLUMNS), 1), sheets.MOST_COLUMNS)
    first = max(whole(asked, "n"), 0) * columns * sheets.ROWS
    records = browsed.records_of(source, _label(asked))[first : first + columns * sheets.ROWS]
    if not len(records):
        raise UserError(f"'{source.name}' has no such sheet", do="Reload the page.")
    return Response(sheets.sheet(source, records, columns), media_type="image/png")


def item(studio: Studio, asked: Asked) -> dict[str, Any]:
    """What is known of the image at place `at` among all, or among those of a label."""
    source = browsed.browse(word(asked, "source"))
    records = browsed.records_of(source, _label(asked))
    at = whole(asked, "at")
    if not 0 <= at < len(records):
        raise UserError(f"'{source.name}' has no such {source.word}", do="Reload the page.")
    record = int(records[at])
    label = int(source.labels[record])
    name = source.label_names.get(label, str(label))
    return {"record": record, "label": label, "name": name, **_lines(source, record)}


def picture(studio: Studio, asked: Asked) -> Response:
    """PNG of one image, pixel by pixel."""
    source = browsed.browse(word(asked, "source"))
    image = browsed.one(source, whole(asked, "record"))
    return Response(sheets.png(sheets.picture_of(image)), media_type="image/png")


def mean(studio: Studio, asked: Asked) -> Response:
    """PNG of the mean image of all images, or of those of a label."""
    source = browsed.browse(word(asked, "source"))
    image = browsed.mean_of(source, _label(asked))
    if source.dtype == np.uint8:
        image = np.clip(np.round(image), 0, 255).astype(np.uint8)
    return Response(sheets.png(sheets.picture_of(image)), media_type="image/png")


def seen(studio: Studio, asked: Asked) -> dict[str, Any]:
    """One image as a model's data layer hands it on, drawn from its lowest to its highest value."""
    from mycaffe_py.studio.sets.seen import seen as seen_by

    source = browsed.browse(word(asked, "source"))
    image, words = seen_by(studio.workspace, word(asked, "model"), source, whole(asked, "record"))
    drawn = base64.b64encode(sheets.png(sheets.picture_of(image))).decode()
    return {
        "shape": list(image.shape), "words": words, "low": float(image.min()),
        "high": float(image.max()), "mean": float(image.mean()),
        "picture": f"data:image/png;base64,{drawn}",
    }  # fmt: skip


def _splits(name: str) -> tuple[str, list[str]]:
    """The data set that `name`, its own or one of its sources, belongs to, and its sources."""
    facts = [fact for fact in browsed.all_told() if name.startswith(fact["dataset"])]
    for fact in facts:
        names = [source["name"] for source in fact["sources"]]
        if fact["error"] and fact["dataset"] == name:
            raise UserError(fact["error"])
        if names and (fact["dataset"] == name or name in names):
            return fact["dataset"], names
    raise UserError(f"there is no dataset '{name}'", do="The page 'Data' shows what there is.")


def _label(asked: Asked) -> int | None:
    return None if asked.get("label", "") in ("", None) else whole(asked, "label")


def _lines(source: ArraySource, record: int) -> dict[str, Any]:
    """The curves of a window of counters, in the units of the counters, or of a row of features."""
    if source.counters:
        counters = Counters.from_json(source.counters)
        window = browsed.one(source, record)[np.newaxis].astype(np.float32)
        values = counters.unscaled(window)[0]
        return {
            "step_s": counters.step_s,
            "lines": [
                {"name": name, "unit": unit, "values": column}
                for name, unit, column in zip(
                    counters.names, counters.units, values.T.tolist(), strict=True
                )
            ],
        }
    if browsed.has_lines(source):
        row = browsed.one(source, record).astype(np.float64).ravel()[:_MOST_VALUES]
        return {"step_s": 0, "lines": [{"name": "feature", "unit": "", "values": row.tolist()}]}
    return {}


ROUTES = [
    asks("/api/data", data),
    asks("/api/data/forms", form_list),
    asks("/api/data/places", places),
    asks("/api/data/set", one_set),
    asks("/api/data/sheet", sheet),
    asks("/api/data/item", item),
    asks("/api/data/picture", picture),
    asks("/api/data/mean", mean),
    asks("/api/data/seen", seen),
    does("/api/data/remove", remove),
]
