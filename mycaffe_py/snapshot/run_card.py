"""The run card: everything besides weights that using or continuing a snapshot needs.

A JSON file beside each snapshot, so that the snapshot's path is enough for resume and test-many:
the texts as they were used, the seed, the data with its checksum, the shapes, the figures so far.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mycaffe_py import __version__
from mycaffe_py.errors import UserError
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.checked_json import read_json
from mycaffe_py.files.plain_json import dumps
from mycaffe_py.files.schema import Count, DamagedError, Name, fit
from mycaffe_py.snapshot.best import Best
from mycaffe_py.snapshot.checksum import checksum

FORMAT = 1


@dataclass(frozen=True)
class TextCard:
    """A model or solver text as it was used, options of the command line worked in."""

    file: Name
    text: str


@dataclass(frozen=True)
class DatasetCard:
    """The source of one data layer. `stand_in_for` names the source that could not be had.

    `counters` is the JSON of names and scaling (data/counters/scaling.py) where the data are
    windows of counters: a later window is scaled as the net learned it, without the data set.
    `label_names` are those of the labels that had an image: what a number means to the net,
    whatever becomes of the data set. Cards of earlier versions have none.
    `pictures` is that of data/pictures/picture_record.py: a later picture is read as those it
    learned.
    """

    layer: str
    phase: str
    source: Name
    checksum: str
    items: Count
    label_count: Count
    stand_in_for: str = ""
    counters: str = ""
    label_names: Mapping[int, str] = field(default_factory=dict, hash=False)
    pictures: str = ""


@dataclass(frozen=True)
class RunCard:
    """All about a run that the weights and the state do not hold.

    `nets` are the net texts by the names the solver text uses; one without is inside it.
    `shapes` are those of every blob of the first TEST net (else the TRAIN net). `figures` holds
    the last loss and test results, each with its iteration. `film_every` is the interval of the
    run's film, 0 where none is taken. `run` names the run, "" in cards of earlier versions; so are
    `checksums`, those of the weights and of the state the card was written with. `images_per_step`
    is what an iteration learned from, 0 in cards of earlier versions. `film_losses` are those that
    no frame of the film holds yet, `best` the best test so far where one is looked for. So many
    `processes` worked on the `shards` of a batch; the files do not depend on their number.
    """

    iteration: Count
    seed: int
    solver: TextCard
    nets: Mapping[str, TextCard] = field(default_factory=dict)
    datasets: Sequence[DatasetCard] = ()
    shapes: Mapping[str, Sequence[Count]] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    film_every: Count = 0
    run: str = ""
    checksums: Mapping[str, str] = field(default_factory=dict)
    images_per_step: Count = 0
    film_losses: tuple[float, ...] = ()
    best: Best | None = None
    shards: Count = 1
    processes: Count = 1
    format: int = FORMAT

    @property
    def stand_ins(self) -> list[DatasetCard]:
        """The data sets used in place of others."""
        return [dataset for dataset in self.datasets if dataset.stand_in_for]

    @property
    def identity(self) -> str:
        """The name of the run, made from the card where it holds none."""
        return self.run or run_identity(self)

    def check_part(self, part: str, path: Path) -> None:
        """`path` must be the "weights" or "state" this card was written with. Errors: it is not.

        Cards of earlier versions cannot tell, nor of weights whose state was never written.
        """
        known = self.checksums.get(part)
        if known is not None and checksum(path) != known:
            raise UserError(
                f"{path} is of another run, or was changed: "
                "it is not what its run card (.run.json) was written with",
                wanted="weights, state and card of a snapshot belong together",
                do="Bring back the file that was there. --weights starts a new run from any weights"
                "; 'mycaffe test --model TEXT --weights FILE' runs them without a card.",
            )

    def write(self, path: Path) -> None:
        """Write the card as JSON, atomically."""
        write_atomically(path, f"{dumps(dataclasses.asdict(self), indent=1)}\n".encode())

    @staticmethod
    def read(path: Path) -> RunCard:
        """Read the card at `path`; raises UserError where it is missing or damaged."""
        if not path.is_file():
            raise UserError(
                f"there is no run card '{path}'",
                wanted="it holds the texts and the data this snapshot was made with",
                do="Copy it along with the snapshot.",
            )
        try:
            card = read_json(path, RunCard, FORMAT)
            fit(card.figures, _Figures, "figures")
        except DamagedError as error:
            raise UserError(
                f"the run card '{path}' is damaged ({error})",
                wanted="it should be the JSON file that was written with the snapshot",
            ) from error
        return card


@dataclass(frozen=True)
class _Test:
    iteration: Count
    net: Count


@dataclass(frozen=True)
class _Figures:
    """The figures of a card that are read again."""

    tests: tuple[_Test, ...] = ()


def run_identity(card: RunCard, weights: Sequence[str] = ()) -> str:
    """A name (hex) for the run of these texts, seed and data, begun at weights of these checksums.

    Runs of one name do the same, step by step. Where files lie makes no difference.
    """
    nets = {name: text.text for name, text in card.nets.items()}
    data = [[d.layer, d.phase, d.source, d.checksum] for d in card.datasets]
    parts = [card.solver.text, nets, card.seed, data, list(weights)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def versions() -> dict[str, str]:
    """The versions of everything that decides the bits of a run."""
    return {
        "mycaffe_py": __version__,
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "numba": version("numba"),
        "machine": platform.machine(),
    }
