"""Writes a solver into the three files of a snapshot, and goes on from them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mycaffe_py.engine.weights import Loaded, layer_weights, load_weights
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.layers.base import Array
from mycaffe_py.proto.mycaffe_pb2 import SolverParameter
from mycaffe_py.snapshot.checksum import checksum
from mycaffe_py.snapshot.names import MEANS, SnapshotFiles
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.snapshot.state import SavedState, read_state, write_state
from mycaffe_py.snapshot.weights import read_weights, write_weights
from mycaffe_py.solver.cards import make_card
from mycaffe_py.solver.hooks.hook import Run


def save(solver: Run, prefix: Path) -> SnapshotFiles:
    """Write weights, run card and state of this iteration; the state, which counts, comes last.

    An earlier run may have left a state and class means of this name. They are removed before its
    weights are replaced, so that a kill never leaves them beside weights they do not belong to. If
    the disk has no space for the new weights, they stay. Of several processes the first one writes.
    """
    _check_finite(solver)
    hdf5 = solver.text.snapshot_format == SolverParameter.HDF5
    files = SnapshotFiles.of(prefix, solver.iteration, hdf5=hdf5)
    solver.work.gather(solver.updater.history)
    carried = [_storable(array) for array in solver.work.carried()]
    if solver.together.rank == 0:
        _write(solver, files, carried, hdf5)
    solver.record.last_snapshot = files.state
    return files


def _write(solver: Run, files: SnapshotFiles, carried: Sequence[Array], hdf5: bool) -> None:
    """Write the three files."""
    staged = files.weights.with_name(f"{files.weights.name}.new")
    text = solver.job.train
    layers = [layer.param for layer in text.selected()]
    saved = layer_weights(solver.net, layers, updates=solver.text.snapshot_diff)
    write_weights(staged, text.net.name, saved, hdf5=hdf5)
    files.state.unlink(missing_ok=True)
    files.with_ending(MEANS).unlink(missing_ok=True)
    staged.replace(files.weights)
    staged_state = files.state.with_name(f"{files.state.name}.new")
    write_state(
        staged_state,
        solver.iteration,
        str(files.weights),
        solver.updater.history_blobs(),
        solver.current_step,
        carried,
        hdf5=hdf5,
    )
    parts = {"weights": checksum(files.weights), "state": checksum(staged_state)}
    make_card(solver, parts).write(files.card)
    staged_state.replace(files.state)


def _check_finite(solver: Run) -> None:
    """Errors: a parameter holds NaN or infinity, and must not replace good weights."""
    for info in solver.params.infos:
        if not np.isfinite(solver.params.values[info.key]).all():
            raise MyCaffeError(
                f"parameter {info.index} of layer '{info.layer}' holds NaN or infinity "
                f"at iteration {solver.iteration}",
                wanted="no snapshot is written, and earlier ones are intact",
                do="Lower base_lr, or set clip_gradients.",
            )


def restore(solver: Run, state_file: Path) -> None:
    """Set `solver` to where the run was when `state_file` was written."""
    state = read_state(state_file)
    weights_file = _weights_of(state_file, state)
    weights = read_weights(weights_file, may_be_empty=True)
    card_file = SnapshotFiles.beside(state_file).card
    if card_file.is_file():
        card = RunCard.read(card_file)
        card.check_part("state", state_file)
        card.check_part("weights", weights_file)
    loaded = load_weights([solver.net], weights)
    if loaded.missing:
        raise UserError(
            f"{weights.file} has no weights for layer {', '.join(loaded.missing)}",
            wanted="a run goes on with all of its weights",
            do="To start a new run from some of them use --weights.",
        )
    _restore_history(solver, state_file, state)
    solver.work.carry_on([saved.array for saved in state.carried])
    solver.iteration = state.iteration
    solver.current_step = state.current_step
    solver.record.last_snapshot = state_file


def load(solver: Run, file: Path) -> Loaded:
    """Start from the weights in `file`, in the TRAIN net and in all TEST nets."""
    return load_weights([solver.net, *solver.test_nets], read_weights(file, may_be_empty=True))


def load_all(solver: Run, files: Sequence[Path]) -> list[str]:
    """Load the weights of several files, later ones over earlier; returns lines that say so."""
    loads = [(file, load(solver, file)) for file in files]
    missing = [set(loaded.missing) for _, loaded in loads]
    nowhere = set.intersection(*missing) if missing else set()
    return [
        line
        for file, loaded in loads
        for line in loaded.lines(str(file), elsewhere=set(loaded.missing) - nowhere)
    ]


def weights_to_start_from(text: SolverParameter) -> list[Path]:
    """The files of the solver text's `weights`: several entries, each of one or several files."""
    names = (name.strip() for entry in text.weights for name in entry.split(","))
    return [Path(name) for name in names if name]


def _weights_of(state_file: Path, state: SavedState) -> Path:
    """The file of weights that belongs to a state.

    It lies beside the state, under the name that the state tells or the state's own name; else
    it is where the state says.
    """
    told = Path(state.learned_net)
    for path in (state_file.parent / told.name, SnapshotFiles.beside(state_file).weights, told):
        if path.is_file():
            return path
    raise UserError(
        f"the weights of {state_file} are missing",
        wanted=f"they should be in {state_file.parent / told.name}",
        do="Copy the .caffemodel along with the .solverstate.",
    )


def _restore_history(solver: Run, state_file: Path, state: SavedState) -> None:
    blobs = solver.updater.history_blobs()
    infos = solver.params.infos
    if len(blobs) != len(state.history):
        raise UserError(
            f"{state_file} holds {len(state.history)} history blobs",
            wanted=f"solver type {solver.text.type} keeps {len(blobs)} "
            f"for the {len(infos)} parameters of the net",
            do="Go on with the solver type and the model the state was written with.",
        )
    wrong = [
        f"blob {number} (layer '{infos[number % len(infos)].layer}') is {saved.shape} "
        f"there and {blob.shape} in the net"
        for number, (blob, saved) in enumerate(zip(blobs, state.history, strict=True))
        if not saved.agrees(blob.shape)
    ]
    if wrong:
        raise UserError(f"{state_file} does not fit the net: {'; '.join(wrong)}")
    for blob, saved in zip(blobs, state.history, strict=True):
        # Zeros over zeros are not written: untouched pages of frozen parameters take no memory.
        if blob.any() or saved.array.any():
            blob[...] = saved.array.reshape(blob.shape)


def _storable(array: Array) -> Array:
    """`array` as files hold it: counts become doubles, which are exact up to 2**53."""
    return array if array.dtype == np.float32 else array.astype(np.float64)
