"""Floor 6. Writes a solver into the three files of a snapshot, and goes on from them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mycaffe_py.engine.weights import Loaded, layer_weights, load_weights
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.graph.select import located_layers, select
from mycaffe_py.layers.base import Array
from mycaffe_py.proto.mycaffe_pb2 import SolverParameter
from mycaffe_py.snapshot.checksum import checksum
from mycaffe_py.snapshot.names import MEANS, SnapshotFiles
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.snapshot.state import SavedState, read_state, write_state
from mycaffe_py.snapshot.weights import read_weights, write_weights
from mycaffe_py.solver.cards import make_card
from mycaffe_py.solver.solver import Solver


def save(solver: Solver, prefix: Path) -> SnapshotFiles:
    """Write weights, run card and state of this iteration; the state, which counts, comes last.

    An earlier run may have left a state of this name. It goes before its weights are replaced, so
    that no kill leaves it beside weights it does not belong to, as do its class means; and it stays
    when there is no room for the new weights.
    """
    _check_finite(solver)
    hdf5 = solver.text.snapshot_format == SolverParameter.HDF5
    files = SnapshotFiles.of(prefix, solver.iteration, hdf5=hdf5)
    staged = files.weights.with_name(f"{files.weights.name}.new")
    text = solver.job.train
    layers = [layer.param for layer in select(located_layers(text.net, text.where), text.state)]
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
        [_storable(array) for array in solver.net.carried()],
        hdf5=hdf5,
    )
    parts = {"weights": checksum(files.weights), "state": checksum(staged_state)}
    make_card(solver, parts).write(files.card)
    staged_state.replace(files.state)
    solver.last_snapshot = files.state
    return files


def _check_finite(solver: Solver) -> None:
    """Weights that are no numbers must not replace good ones."""
    for info in solver.params.infos:
        if not np.isfinite(solver.params.values[info.key]).all():
            raise MyCaffeError(
                f"parameter {info.index} of layer '{info.layer}' holds NaN or infinity "
                f"at iteration {solver.iteration}",
                wanted="no snapshot is written, and earlier ones are intact",
                do="Lower base_lr, or set clip_gradients.",
            )


def restore(solver: Solver, state_file: Path) -> None:
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
    _restore_carried(solver, state)
    solver.iteration = state.iteration
    solver.current_step = state.current_step
    solver.last_snapshot = state_file


def load(solver: Solver, file: Path) -> Loaded:
    """Start from the weights in `file`, in the TRAIN net and in all TEST nets."""
    return load_weights([solver.net, *solver.test_nets], read_weights(file, may_be_empty=True))


def load_all(solver: Solver, files: Sequence[Path]) -> list[str]:
    """Start from the weights of several files, later ones over earlier; what was done, in lines."""
    loads = [(file, load(solver, file)) for file in files]
    missing = [set(loaded.missing) for _, loaded in loads]
    nowhere = set.intersection(*missing) if missing else set()
    return [
        line
        for file, loaded in loads
        for line in loaded.lines(str(file), elsewhere=set(loaded.missing) - nowhere)
    ]


def _weights_of(state_file: Path, state: SavedState) -> Path:
    """The weights beside the state, by the name the state tells or its own; else where it says."""
    told = Path(state.learned_net)
    for path in (state_file.parent / told.name, SnapshotFiles.beside(state_file).weights, told):
        if path.is_file():
            return path
    raise UserError(
        f"the weights of {state_file} are missing",
        wanted=f"they should be in {state_file.parent / told.name}",
        do="Copy the .caffemodel along with the .solverstate.",
    )


def _restore_history(solver: Solver, state_file: Path, state: SavedState) -> None:
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
        # The zeros of frozen parameters are not written: they would take memory.
        if blob.any() or saved.array.any():
            blob[...] = saved.array.reshape(blob.shape)


def _storable(array: Array) -> Array:
    """Files hold floats: counts go as doubles, which are exact up to 2**53."""
    return array if array.dtype == np.float32 else array.astype(np.float64)


def _restore_carried(solver: Solver, state: SavedState) -> None:
    """What layers carried from batch to batch; a file of Caffe's has none, and they start anew."""
    arrays = solver.net.carried()
    shapes = [array.shape for array in arrays]
    if [saved.shape for saved in state.carried] == shapes:
        for array, saved in zip(arrays, state.carried, strict=True):
            array[...] = saved.array
