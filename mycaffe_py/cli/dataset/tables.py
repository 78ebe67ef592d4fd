"""What `mycaffe dataset show` and `export` say of a table of features, which has no pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.feature_tables.feature_table import FeatureTable
from mycaffe_py.data.plural import plural
from mycaffe_py.data.progress import Progress
from mycaffe_py.data.table_export import WRITERS
from mycaffe_py.errors import UserError


def table_facts(table: FeatureTable) -> dict[str, Any]:
    """Base, blob, transform and variants, for machines."""
    card = table.card
    return {
        "source": card.source,
        "blob": card.base.blob,
        "model": card.base.model,
        "weights": card.base.weights,
        "weights_checksum": card.base.weights_checksum,
        "resize": card.base.resize,
        "transform": " ".join(card.base.transform.split()),
        "dtype": card.dtype,
        "variants": card.variants,
        "augment": " ".join(card.augment.split()),
        "seed": card.seed,
    }


def table_words(table: FeatureTable) -> list[str]:
    """The same for people."""
    facts = table_facts(table)
    base = f"{facts['model']} with {facts['weights']}" if facts["model"] else facts["weights"]
    size = table.card.size
    lines = [
        f"  base       {base} (sha256 {facts['weights_checksum'][:16]})",
        f"  blob       {facts['blob']}: {size:,} {plural(size, 'value')}, {facts['dtype']}",
        f"  transform  {facts['transform'] or 'none'}",
    ]
    if facts["resize"]:
        lines.insert(2, f"  resize     {facts['resize']}")
    if table.card.variants > 1:
        lines.append(
            f"  variants   {facts['variants']} of each image, seed {facts['seed']}: "
            f"{facts['augment']}"
        )
    return lines


def refuse_pictures(source: ArraySource) -> None:
    """Stop where pictures are wanted of features."""
    if isinstance(source, FeatureTable):
        raise UserError(
            f"'{source.name}' is a table of features",
            wanted="its rows are no pictures",
            do=f"They are of '{source.card.source}', whose pictures can be had; npy, npz, csv and "
            "projector export the rows.",
        )


_NO_PLACE = {
    "csv": ("no file for the CSV", "FILE"),
    "lmdb": ("no folder for the LMDB", "DIR"),
    "npy": ("no file for the values", "FILE"),
    "npz": ("no file for the values", "FILE"),
    "projector": ("no folder for the projector", "DIR"),
}


def refuse_no_place(folder: Path) -> None:
    """Stop where a kind is named and no place to write to."""
    told = _NO_PLACE.get(str(folder))
    if told is not None:
        raise UserError(told[0], do=f"mycaffe dataset export NAME {folder} {told[1]}")


def export_table(sources: list[ArraySource], kind: str, path: Path) -> int:
    """Write the items of one split as rows of numbers."""
    if len(sources) != 1:
        names = ", ".join(source.name for source in sources)
        raise UserError(f"{kind} holds one split", do=f"Name one of {names}.")
    source = sources[0]
    if kind != "projector" and path.is_dir():
        raise UserError(f"'{path}' is a folder", wanted="a file to write")
    with Progress(len(source), source.word, source.name) as bar:
        files = WRITERS[kind](source, path, bar.update)
    print(f"{source.name}: {len(source)} {plural(len(source), source.word)} of {_size(source)} in")
    print("\n".join(f"  {file}" for file in files))
    return 0


def _size(source: ArraySource) -> str:
    return f"{'x'.join(str(axis) for axis in source.shape)} {source.dtype.name}"
