"""A run that writes HDF5 snapshots, and goes on from them with the same bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.snapshot.names import STATE, WEIGHTS, SnapshotFiles, newest
from mycaffe_py.solver.saving import load, restore, save
from tests.solver.test_saving import EXTRA, steps
from tests.solver.tiny import tiny_solver

h5py = pytest.importorskip("h5py")
HDF5 = EXTRA + " snapshot_format: HDF5"


def test_resumed_from_hdf5_is_uninterrupted(tmp_path: Path) -> None:
    wanted = steps(tiny_solver(tmp_path, HDF5), 12)
    files = save(steps(tiny_solver(tmp_path, HDF5), 5), tmp_path / "s")
    assert files.weights.name == "s_iter_5.caffemodel.h5"
    assert files.state.name == "s_iter_5.solverstate.h5"
    resumed = tiny_solver(tmp_path, HDF5)
    restore(resumed, files.state)
    steps(resumed, 12)
    np.testing.assert_array_equal(resumed.params.data, wanted.params.data)


def test_the_files_of_a_snapshot_find_each_other(tmp_path: Path) -> None:
    files = save(steps(tiny_solver(tmp_path, HDF5), 5), tmp_path / "s")
    for path in (files.weights, files.state, files.card):
        found = SnapshotFiles.beside(path)
        assert found == files
    assert (files.iteration, files.prefix) == (5, tmp_path / "s")
    assert newest(tmp_path, STATE) == files.state
    assert newest(tmp_path, WEIGHTS) == files.weights


def test_weights_from_hdf5(tmp_path: Path) -> None:
    saved = steps(tiny_solver(tmp_path, HDF5), 5)
    files = save(saved, tmp_path / "s")
    other = tiny_solver(tmp_path, EXTRA, seed=7)
    assert load(other, files.weights).missing == ()
    np.testing.assert_array_equal(other.params.data, saved.params.data)
