"""What a user wants exported: a model text with weights, or a snapshot, which knows both."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mycaffe_py.data.opening import TRANSLATING, NeedsConsentError, Opening
from mycaffe_py.data.pictures.picture_record import PictureRecord
from mycaffe_py.errors import UserError
from mycaffe_py.graph.net_text import NetText, read_model
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import Shape
from mycaffe_py.snapshot.weights import Weights, read_weights
from mycaffe_py.solver.trust import opening_of
from mycaffe_py.trained.class_means_file import say
from mycaffe_py.trained.final_weights import final_weights
from mycaffe_py.trained.loaded_net import run_graph
from mycaffe_py.trained.read_picture import recorded
from mycaffe_py.trained.snapshot import Snapshot, open_snapshot


@dataclass(frozen=True)
class Given:
    """What is exported. `shapes` of the TEST net's blobs, None: they must be found.

    `files` are those that are read. `record` tells how the pictures it learned were read, where
    that is known; `snapshot` is None where a model and weights were named.
    """

    name: str
    text: NetText
    weights: Weights | None
    shapes: dict[str, Shape] | None
    files: tuple[Path, ...]
    opening: Opening
    record: PictureRecord | None = None
    snapshot: Snapshot | None = None

    def check_kept(self, path: Path) -> None:
        """Errors: `path` is a file that is read, and would be written over."""
        if any(path.resolve() == file.resolve() for file in self.files):
            raise UserError(f"{path} is what is exported", do="Choose another --out.")

    def tell_centroids(self) -> None:
        """Say so where nothing tells how the centroids of the weights were made."""
        kinds = [layer_types.get(layer.type) for layer in self.text.net.layer]
        decodes = any(kind.answers == "distances" for kind in kinds)
        weights = self.files[-1]
        card = weights.with_suffix(".run.json")
        if decodes and len(self.files) > 1 and not card.is_file():
            say(f"there is no run card beside {weights}: its centroids are exported as they stand")


def given_model(model: str, weights: Path | None, run_code: bool) -> Given:
    """A model text, and its weights where they are named."""
    text = read_model(model)
    file = Path(text.card.file)
    found = None if weights is None else _weights(weights, run_code)
    files = (file, *([] if weights is None else [weights]))
    return Given(file.stem, text, found, None, files, opening_of(file, TRANSLATING, run_code))


def given_snapshot(path: Path | None, run_code: bool) -> Given:
    """A snapshot; without `path` the newest below this folder."""
    snapshot = open_snapshot(path, run_code=run_code)
    weights = snapshot.files.weights
    return Given(
        weights.name.partition(".")[0],
        snapshot.text,
        _weights(weights, run_code),
        snapshot.shapes,
        (weights,),
        opening_of(snapshot.files.card, TRANSLATING, run_code),
        recorded(snapshot),
        snapshot,
    )


def _weights(path: Path, run_code: bool) -> Weights:
    """Those at `path`; of a run here with the centroids of their final features."""
    try:
        snapshot = open_snapshot(path, run_code=run_code)
        if snapshot.decodes:
            return final_weights(snapshot, run_graph(snapshot, 1))
    except NeedsConsentError:
        raise
    except UserError:
        # Of no run here, or of one whose net cannot run: weights alone need neither.
        pass
    return read_weights(path, may_be_empty=True)
