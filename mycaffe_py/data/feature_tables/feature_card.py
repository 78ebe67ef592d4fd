"""The card of a table of features, which describes it, and the files of a table.

The dataset NAME is the folder NAME.features in the data folder. A split has three files there:
`<split>.rows`, the values (n, D) one row behind the other, little-endian, nothing else;
`<split>.labels`, n integers of 8 bytes; `<split>.json`, this card, which comes last and is there
only when the table is complete. Until then `<split>.started.json` says how many rows there are.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mycaffe_py.data.dataset_paths import table_folder
from mycaffe_py.errors import UserError, Where
from mycaffe_py.files.checked_json import load_json, read_bounded
from mycaffe_py.files.schema import Count, DamagedError, Name, Positive, fit

FORMAT = 1
DTYPES = ("float32", "float16")
MAKE_AGAIN = "Make it again: 'mycaffe features ... --force'."

_CARD, _STARTED = ".json", ".started.json"
_SEAL = "seal"


@dataclass(frozen=True)
class TableFiles:
    """The files of one split."""

    rows: Path
    labels: Path
    card: Path
    started: Path

    @staticmethod
    def of(dataset: str, split: str) -> TableFiles:
        """Those of `<dataset>.<split>`, there or not."""
        folder = table_folder(dataset)
        names = (f"{split}{ending}" for ending in (".rows", ".labels", _CARD, _STARTED))
        return TableFiles(*(folder / name for name in names))


@dataclass(frozen=True)
class Base:
    """What made the features: a model text (file and sha256 of its message), weights, transform.

    `model` is "" where the text is in the run card beside the weights. `transform` is the
    transform_param as text; its sha256 is over the numbers, the mean image among them. `resize`
    is WIDTHxHEIGHT of the images before that, "" where they were taken as they are.
    """

    blob: str
    model: Name
    model_checksum: str
    weights: Name
    weights_checksum: str
    transform: str
    transform_checksum: str
    resize: str = ""

    def same(self, other: Base) -> bool:
        """Whether both give the same features, wherever their files lie."""
        return self._essence() == other._essence()

    def _essence(self) -> tuple[str, ...]:
        sums = (self.model_checksum, self.weights_checksum, self.transform_checksum)
        return (self.blob, self.resize, *sums)


@dataclass(frozen=True)
class TableCard:
    """One table: `images` images of `source` with `variants` rows each, of `size` values.

    Row r belongs to image r // variants and is its variant r % variants; variant 0 is the image
    as it is. Variant v of image i is drawn from the stream (seed, "features/variants", i), row v.
    `augment` is the augment_param as text. Bytes depend on `batch` where a BLAS does. `checksum`
    is array_source.source_checksum of labels and values, "" while the table is being made.
    """

    name: Name
    source: Name
    source_checksum: str
    images: Positive
    variants: Positive
    size: Positive
    dtype: str
    seed: int
    augment: str
    batch: Count
    base: Base
    label_names: dict[int, str] = field(default_factory=dict)
    checksum: str = ""

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.images * self.variants

    @property
    def row_bytes(self) -> int:
        """Bytes of a row."""
        return self.size * int(self.dtype.removeprefix("float")) // 8

    @property
    def description(self) -> str:
        """What it is, in one line."""
        model = Path(self.base.model or self.base.weights).name
        variants = f", {self.variants} variants of each" if self.variants > 1 else ""
        return f"features of {self.source}{variants}: blob '{self.base.blob}' of {model}"

    def differs(self, other: TableCard) -> list[str]:
        """Names of what differs from `other`; a checksum is named by the file it is of."""
        mine, theirs = _plain(self), _plain(other)
        names = [n for n in mine if n not in ("checksum", "base") and mine[n] != theirs[n]]
        if not self.base.same(other.base):
            parts = {"blob": "blob", "model_checksum": "model", "weights_checksum": "weights"}
            parts |= {"transform_checksum": "transform", "resize": "--resize"}
            names += [
                told
                for key, told in parts.items()
                if getattr(self.base, key) != getattr(other.base, key)
            ]
        return names

    def text(self, **more: int) -> bytes:
        """As JSON, sealed with the sha256 of what it says."""
        said = {"format": FORMAT, **_plain(self), **more}
        return f"{json.dumps(said | {_SEAL: _seal(said)}, indent=1)}\n".encode()


def another(names: Iterable[str]) -> str:
    """Words for a table that differs by `names`: "another weights file, seed"."""
    told = ["weights file" if name == "weights" else name for name in names]
    return f"another {', '.join(told)}"


def _plain(card: TableCard) -> dict[str, Any]:
    return dataclasses.asdict(card) | {
        "label_names": {str(label): name for label, name in card.label_names.items()}
    }


def _seal(said: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def read_card(path: Path, where: Where | None = None) -> tuple[TableCard, int]:
    """The card in `path` and, from a started table, the rows that are there (0 otherwise).

    Errors: a file that cannot be read or is not as it was written.
    """
    try:
        said = load_json(read_bounded(path))
        sealed = fit(said, _Sealed)
        del said[_SEAL]
        if sealed.format != FORMAT or sealed.seal != _seal(said):
            raise DamagedError("it is not as it was written")
        card = fit(said, TableCard)
    except (OSError, DamagedError) as error:
        raise UserError(
            f"the card of a feature table, {path}, is damaged: {error}", where=where, do=MAKE_AGAIN
        ) from error
    return card, sealed.done


@dataclass(frozen=True)
class _Sealed:
    """The parts of the JSON that are not the card itself."""

    format: int
    seal: str
    done: Count = 0


def table_splits(dataset: str) -> list[str]:
    """The complete splits of a table, sorted."""
    folder = table_folder(dataset)
    names = sorted(path.name for path in folder.glob(f"[!.]*{_CARD}"))
    return [name.removesuffix(_CARD) for name in names if not name.endswith(_STARTED)]
