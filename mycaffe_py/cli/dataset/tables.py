"""Floor 8. What `mycaffe dataset show` says of a table of features, which has no pictures."""

from __future__ import annotations

from typing import Any

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.feature_table import FeatureTable
from mycaffe_py.data.plural import plural
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
            do=f"They are of '{source.card.source}', whose pictures can be had.",
        )
