"""An index for other programs: numpy, TensorBoard's projector, faiss."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mycaffe_py.data.progress import Progress
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.temporary import temporary_beside
from mycaffe_py.optional import optional
from mycaffe_py.printable import one_line, storable
from mycaffe_py.retrieve.index.found_sheet import picture_of
from mycaffe_py.retrieve.index.index import Index
from mycaffe_py.retrieve.picture_rows import small_tile

# TensorBoard loads no larger sprite.
_MOST_SIDE_PX = 8192
_TILE_PX = 32
_BLOCK = 65_536
_VECTORS, _METADATA, _SPRITE = "vectors.tsv", "metadata.tsv", "sprite.png"


@dataclass(frozen=True)
class Export:
    """One way: what it is called, how its file or folder ends, and who writes it."""

    name: str
    ending: str
    write: Callable[[Index, Path], str]


def export_index(index: Index, way: str, path: Path | None, force: bool) -> tuple[Path, str]:
    """Write `index` to `path`, by default NAME.npz and so on; the path, and a remark.

    Errors: an unknown way, something that is there already without `force`.
    """
    export = EXPORTS[way]
    target = path or Path(f"{index.name}{export.ending}")
    if target.exists() and not force:
        raise UserError(f"'{target}' is there already", do="Pass --force to replace it.")
    if target.is_dir() and way != "tsv":
        raise UserError(f"'{target}' is a folder", wanted="the name of a file")
    try:
        return target, export.write(index, target)
    except OSError as error:
        raise MyCaffeError(f"cannot write {target}: {error.strerror or error}") from error


def _npz(index: Index, path: Path) -> str:
    names = _texts([index.label(row) for row in range(len(index))])
    paths = _texts([entry.path for entry in index.entries])

    def write(file: BinaryIO) -> None:
        np.savez(file, allow_pickle=False, x=index.rows, y=index.labels, names=names, paths=paths)

    write_atomically(path, write)
    return "x (N, D) float32, y (N,) label numbers (-1: none), names (N,) and paths (N,)"


def _texts(texts: list[str]) -> NDArray[Any]:
    return np.array([storable(text) for text in texts], np.str_)


def _tsv(index: Index, folder: Path) -> str:
    """vectors.tsv, metadata.tsv and sprite.png in a folder that appears when all are written."""
    temporary = temporary_beside(folder)
    try:
        temporary.mkdir(parents=True)
        with (temporary / _VECTORS).open("w", encoding="ascii") as file:
            for start in range(0, len(index), _BLOCK):
                # Nine digits give the same float32 again.
                np.savetxt(file, index.rows[start : start + _BLOCK], "%.9g", "\t")
        with (temporary / _METADATA).open("w", encoding="utf-8", newline="\n") as file:
            file.write("label\tpath\n")
            for row in range(len(index)):
                label, path = one_line(index.label(row)), one_line(index.path(row))
                file.write(f"{label}\t{path}\n")
        side = _sprite(index, temporary / _SPRITE)
        config = _CONFIG.format(rows=len(index), size=index.rows.shape[1], side=side)
        (temporary / "projector_config.pbtxt").write_text(config, encoding="ascii")
        if folder.is_dir():
            for made in temporary.iterdir():
                made.replace(folder / made.name)
        else:
            temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return f"{_VECTORS}, {_METADATA} and {_SPRITE} ({side} px a picture) for TensorBoard"


_CONFIG = f"""\
embeddings {{{{
  tensor_name: "index"
  tensor_shape: {{rows}}
  tensor_shape: {{size}}
  tensor_path: "{_VECTORS}"
  metadata_path: "{_METADATA}"
  sprite {{{{
    image_path: "{_SPRITE}"
    single_image_dim: {{side}}
    single_image_dim: {{side}}
  }}}}
}}}}
"""


def _sprite(index: Index, path: Path) -> int:
    """All pictures in rows of one square, and the side of one in pixels."""
    across = int(np.ceil(np.sqrt(len(index))))
    side = max(1, min(_TILE_PX, _MOST_SIDE_PX // across))
    # More than 8192 a side have no room even for single pixels: the first ones are shown.
    across = min(across, _MOST_SIDE_PX)
    sprite = Image.new("RGB", (across * side, across * side))
    with Progress(len(index), "picture", "sprite", leave=False) as bar:
        for row in range(min(len(index), across * across)):
            image = picture_of(index.path(row))
            if image is not None:
                sprite.paste(small_tile(image, side), (row % across * side, row // across * side))
            bar.update()
    sprite.save(path, "PNG")
    return side


def _faiss(index: Index, path: Path) -> str:
    faiss = optional("faiss", "faiss", "'mycaffe index export NAME faiss'")
    size = index.rows.shape[1]
    cosine = index.metric == "cosine"
    made = faiss.IndexIDMap(faiss.IndexFlatIP(size) if cosine else faiss.IndexFlatL2(size))
    for start in range(0, len(index), _BLOCK):
        rows = np.array(index.rows[start : start + _BLOCK], np.float32)
        if cosine:
            lengths = np.linalg.norm(rows, axis=1, keepdims=True)
            rows /= np.where(lengths == 0, 1, lengths)
        made.add_with_ids(rows, np.arange(start, start + len(rows), dtype=np.int64))
    write_atomically(path, faiss.serialize_index(made).tobytes())
    kind = "IndexFlatIP of rows of length 1" if cosine else "IndexFlatL2"
    return f"{kind}; the IDs are the numbers of the rows"


EXPORTS = {
    one.name: one
    for one in (
        Export("npz", ".npz", _npz),
        Export("tsv", ".projector", _tsv),
        Export("faiss", ".faiss", _faiss),
    )
}
