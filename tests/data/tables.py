"""Small tables of features, written as `mycaffe features` writes them."""

import numpy as np

from mycaffe_py.data.feature_tables.feature_card import Base, TableCard, TableFiles
from mycaffe_py.evaluate.features.feature_writing import TableWriter

BASE = Base("ip1", "", "m" * 64, "/no/such.caffemodel", "w" * 64, "scale: 0.5\n", "t" * 64)


def small_card(split="training", images=12, variants=2, dtype="float32", **more):
    return TableCard(
        name=f"T.{split}", source=f"GONE.{split}", source_checksum="s" * 64, images=images,
        variants=variants, size=5, dtype=dtype, seed=0, augment="shift: 1\n", batch=4,
        base=more.pop("base", BASE), label_names={0: "cat", 1: "dog", 2: "eel"}, **more,
    )  # fmt: skip


def small_values(card):
    return np.random.default_rng(card.rows).normal(size=(card.rows, card.size)).astype(card.dtype)


def small_labels(card):
    return np.repeat(np.arange(card.images, dtype=np.int64) % 3, card.variants)


def write_table(card):
    """Write the table of `card`; its files."""
    dataset, _, split = card.name.partition(".")
    files = TableFiles.of(dataset, split)
    with TableWriter(files, card, small_labels(card)) as writer:
        values = small_values(card)
        while writer.done < card.rows:
            writer.append(values[writer.done : writer.done + card.batch])
        writer.finish(small_labels(card))
    return files
