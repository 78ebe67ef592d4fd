"""What the files of a run are called, and which are the newest below a folder.

`<prefix>_iter_<n>.caffemodel`, `.solverstate` and `.run.json` belong together; they are written in
the order weights, run card, state, so a state has its weights beside it whenever the run was
killed. `<prefix>.events.jsonl` is the run's diary. With snapshot_format HDF5 the names of weights
and state end with `.h5`, as Caffe's do. Earlier runs of a prefix are in `<prefix>_runs/1, 2, ...`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mycaffe_py.errors import UserError
from mycaffe_py.proto.file_kind import kind_at

WEIGHTS = ".caffemodel"
STATE = ".solverstate"
CARD = ".run.json"
EVENTS = ".events.jsonl"
FILM = ".film"
LOCK = ".lock"
HDF5 = ".h5"
# Made from a snapshot later, and kept beside it.
MEANS = ".classes.json"
ITEMS = ".items.npz"
WINDOWS = ".windows.npz"
THRESHOLD = ".threshold.json"
ENROLLED = ".enrolled.json"
INPUTS = ".enrolled.npz"
ANSWERS = ".answers.npz"
PICTURE = ".png"
MAP = ".map.png"

# Every ending behind `<prefix>_iter_<n>`, and every one behind `<prefix>`: what moves with a run.
OF_SNAPSHOT = (
    WEIGHTS, WEIGHTS + HDF5, STATE, STATE + HDF5, CARD, MEANS, ITEMS, WINDOWS, THRESHOLD,
    ".threshold.png", ENROLLED, INPUTS, ANSWERS, PICTURE, MAP,
)  # fmt: skip
_OF_FILM = (".html", ".gif")
OF_RUN = (EVENTS, FILM, *_OF_FILM)


@dataclass(frozen=True)
class SnapshotFiles:
    """The three files of one snapshot."""

    weights: Path
    state: Path
    card: Path

    @staticmethod
    def of(prefix: Path, iteration: int, *, hdf5: bool = False) -> SnapshotFiles:
        """The files for `iteration` (updates done) of the run called `prefix`."""
        return SnapshotFiles._of_stem(prefix.parent, f"{prefix.name}_iter_{iteration}", hdf5)

    @staticmethod
    def beside(path: Path) -> SnapshotFiles:
        """The files that belong to one of them, given by its path."""
        for ending in (WEIGHTS, STATE, CARD):
            for last in (ending, ending + HDF5):
                if path.name.endswith(last):
                    stem = path.name.removesuffix(last)
                    plain = SnapshotFiles._of_stem(path.parent, stem, False)
                    hdf5 = SnapshotFiles._of_stem(path.parent, stem, True)
                    # A card does not say it: it belongs to the weights that lie there.
                    only_hdf5 = hdf5.weights.is_file() and not plain.weights.is_file()
                    by_place = ending == CARD and only_hdf5
                    return hdf5 if last != ending or by_place else plain
        raise UserError(
            f"'{path}' is no file of a snapshot{_kind(path)}",
            wanted=f"its name should end with {WEIGHTS}, {STATE} or {CARD}",
        )

    @staticmethod
    def of_state(path: Path) -> SnapshotFiles:
        """The files of a snapshot whose state a run goes on from, so it must be there."""
        files = SnapshotFiles.beside(path)
        if not files.state.is_file():
            raise UserError(
                f"there is no solver state '{files.state}'",
                do="'mycaffe resume' without a name takes the newest below this folder.",
            )
        return files

    @staticmethod
    def _of_stem(folder: Path, stem: str, hdf5: bool) -> SnapshotFiles:
        last = HDF5 if hdf5 else ""
        return SnapshotFiles(
            weights=folder / f"{stem}{WEIGHTS}{last}",
            state=folder / f"{stem}{STATE}{last}",
            card=folder / f"{stem}{CARD}",
        )

    def with_ending(self, ending: str) -> Path:
        """The file of this snapshot with another ending, such as MEANS."""
        return self.card.with_name(self._stem + ending)

    @property
    def _stem(self) -> str:
        return self.state.name.removesuffix(HDF5).removesuffix(STATE)

    @property
    def prefix(self) -> Path:
        """The run's prefix, e.g. snapshots/lenet of snapshots/lenet_iter_100.solverstate."""
        return self.state.parent / self._stem.rpartition("_iter_")[0]

    @property
    def iteration(self) -> int:
        """The iteration in the name, -1 where there is none."""
        number = self._stem.rpartition("_iter_")[2]
        # Other digits, such as ², are letters of a name.
        return int(number) if number.isascii() and number.isdigit() else -1


def _kind(path: Path) -> str:
    """What kind of file it is instead, where that can be told."""
    kind = kind_at(path)
    return f" but {kind}" if kind is not None else ""


def events_path(prefix: Path) -> Path:
    """The diary of the run called `prefix`."""
    return prefix.parent / f"{prefix.name}{EVENTS}"


def as_seen_from_here(path: str) -> str:
    """`path` relative to the folder that the process works in."""
    try:
        return os.path.relpath(path)
    except ValueError:  # another drive of Windows
        return path


def lock_path(prefix: Path) -> Path:
    """The lock of the run that is writing files called `prefix`."""
    return prefix.parent / f"{prefix.name}{LOCK}"


def files_of_snapshot(files: SnapshotFiles) -> set[Path]:
    """All files of the snapshot that are there, those made from it later too."""
    return {path for ending in OF_SNAPSHOT if (path := files.with_ending(ending)).is_file()}


def run_files(prefix: Path) -> list[Path]:
    """The files of the run called `prefix` that are there, in the order of their names."""
    folder, name = prefix.parent, re.escape(prefix.name)
    # Without a film, pages and pictures of the prefix's name are somebody else's.
    filmed = (folder / f"{prefix.name}{FILM}").is_file()
    run_endings = [ending for ending in OF_RUN if filmed or ending not in _OF_FILM]
    endings = "|".join(re.escape(ending) for ending in OF_SNAPSHOT)
    of_run = "|".join(re.escape(ending) for ending in run_endings)
    # A kill leaves what was not yet given its name.
    ours = re.compile(rf"{name}(_iter_\d+({endings})(\.new)?|({of_run}))\Z", re.ASCII)
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if ours.match(path.name) and path.is_file())


def remove_unnamed(prefix: Path) -> None:
    """Remove files of `prefix` that a kill left under temporary names; its lock must be ours.

    Errors: none; what cannot be removed stays.
    """
    for path in run_files(prefix):
        if path.name.endswith(".new"):
            with suppress(OSError):
                path.unlink()


def runs_folder(prefix: Path) -> Path:
    """Where earlier runs of `prefix` are kept, each in a folder of its number."""
    return prefix.parent / f"{prefix.name}_runs"


def holds_earlier_runs(folder: Path) -> bool:
    """Whether `folder` is a runs_folder: it has numbered folders, with files of its prefix."""
    prefix = folder.name.removesuffix("_runs")
    if prefix == folder.name:
        return False
    # A folder that may not be read, or went away meanwhile, holds nothing for us.
    with suppress(OSError):
        numbered = [path for path in folder.iterdir() if re.fullmatch(r"\d+(\.part)?", path.name)]
        return any(run_files(path / prefix) for path in numbered)
    return False


def newest(folder: Path, ending: str) -> Path:
    """The file written last of those below `folder` whose name ends with `ending`.

    Among files of one time the higher iteration wins. Hidden folders are not looked into, nor are
    those of earlier runs, unless `folder` is one of them.
    """
    found: list[tuple[int, int, Path]] = []
    for path in files_below(folder, (ending, ending + HDF5)):
        # Files may go away meanwhile.
        with suppress(OSError):
            if "_iter_" in path.name:
                iteration = SnapshotFiles.beside(path).iteration
                found.append((path.stat().st_mtime_ns, iteration, path))
    if not found:
        raise UserError(
            f"there is no *_iter_*{ending} below {folder.resolve()}",
            do="'mycaffe train' writes snapshots; or name the file.",
        )
    return max(found)[2]


def files_below(folder: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    """All files below `folder` whose names end so, but those of hidden folders and earlier runs.

    Nor are Python environments looked into: the texts that were installed there are no work of the
    user's. A link to a file that is not there is told, and passed over.
    """
    for place, folders, files in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".")
            and not Path(place, name, "pyvenv.cfg").exists()
            and not holds_earlier_runs(Path(place, name))
        ]
        for path in (Path(place, name) for name in files if name.endswith(endings)):
            if path.is_file():
                yield path
            elif path.is_symlink():
                print(f"Note: '{path}' leads to no file and is passed over.", file=sys.stderr)
