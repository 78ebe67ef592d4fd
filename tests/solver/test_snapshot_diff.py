"""`snapshot_diff: true`: beside each parameter stands what the last update took off it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.saving import load, restore, save
from mycaffe_py.solver.solver import Solver
from tests.solver.test_saving import steps
from tests.solver.tiny import NET, SOLVER, tiny_job

DIFF = "snapshot_diff: true weight_decay: 0.1 "
# The bias of ip1 is frozen, but force_backward lets a gradient come to it.
FROZEN = NET.replace(
    'bottom: "x" top: "h"\n', 'bottom: "x" top: "h" param { } param { lr_mult: 0 }\n'
)
FORCED = FROZEN.replace('name: "tiny"', 'name: "tiny" force_backward: true')
# ip0 uses the weights of ip1.
SHARED = (
    NET.replace('top: "h"\n', 'top: "h" param { name: "w" }\n')
    + """
layer { name: "ip0" type: "InnerProduct" bottom: "x" top: "h0" param { name: "w" }
  inner_product_param { num_output: 4 weight_filler { type: "xavier" } } }
layer { name: "t0" type: "DummyData" top: "t0"
  dummy_data_param { shape { dim: 8 dim: 4 } data_filler { type: "gaussian" } } }
layer { name: "loss0" type: "EuclideanLoss" bottom: "h0" bottom: "t0" top: "loss0" }
"""
)


def stepped(folder: Path, extra: str = "", net: str = NET) -> tuple[Solver, dict[str, np.ndarray]]:
    """A solver after 4 updates, and by how much the last one lessened each parameter."""
    text = tiny_job(folder, DIFF + extra, net)
    solver = steps(build_solver(text, 1), 3)
    before = {key: value.astype(np.float64) for key, value in solver.params.values.items()}
    steps(solver, 4)
    return solver, {key: old - solver.params.values[key] for key, old in before.items()}


def blobs(path: Path) -> dict[str, pb.BlobProto]:
    net = pb.NetParameter.FromString(path.read_bytes())
    return {f"{each.name}[{i}]": blob for each in net.layer for i, blob in enumerate(each.blobs)}


@pytest.mark.parametrize(
    "net", [NET, FROZEN, FORCED, SHARED], ids=["plain", "frozen", "forced", "shared"]
)
@pytest.mark.parametrize("kind", ["SGD", "Nesterov", "Adam", "AdamW"])
def test_each_blob_has_its_update_beside_it(tmp_path: Path, kind: str, net: str) -> None:
    solver, taken_off = stepped(tmp_path, f'type: "{kind}"', net)
    stored = blobs(save(solver, tmp_path / "s").weights)
    assert set(stored) == set(taken_off) >= {"ip1[0]", "ip1[1]", "ip2[0]", "ip2[1]"}
    for key, blob in stored.items():
        assert len(blob.diff) == len(blob.data) > 0
        np.testing.assert_allclose(blob.diff, taken_off[key].ravel(), rtol=1e-4, atol=1e-7)
    assert any(stored["ip1[1]"].diff) == (net not in (FROZEN, FORCED))


def test_the_update_of_sgd_is_its_history(tmp_path: Path) -> None:
    """Not the difference of two weights, which is rounded as weights are."""
    solver, _ = stepped(tmp_path)
    stored = blobs(save(solver, tmp_path / "s").weights)
    for info, history in zip(solver.params.infos, solver.updater.history_blobs(), strict=True):
        assert list(stored[info.key].diff) == history.ravel().tolist()


def test_in_hdf5_they_are_in_a_group_of_their_own(tmp_path: Path) -> None:
    """As Caffe writes them: a shared parameter under each of its layers."""
    h5py = pytest.importorskip("h5py")
    solver, taken_off = stepped(tmp_path, "snapshot_format: HDF5", SHARED)
    with h5py.File(save(solver, tmp_path / "s").weights) as file:
        assert sorted(file) == ["data", "diff"]
        assert sorted(file["diff"]) == sorted(file["data"])
        assert (sorted(file["data/ip0"]), sorted(file["diff/ip0"])) == (["1"], ["0", "1"])
        for key, wanted in taken_off.items():
            found = file["diff/" + key.replace("[", "/").replace("]", "")][()]
            assert found.shape == wanted.shape
            np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("form", ["BINARYPROTO", "HDF5"])
def test_a_run_goes_on_from_such_files_and_other_nets_take_the_weights(
    tmp_path: Path, form: str
) -> None:
    if form == "HDF5":
        pytest.importorskip("h5py")
    extra = f"snapshot_format: {form} "
    solver, _ = stepped(tmp_path, extra)
    part = save(solver, tmp_path / "part")
    whole = save(steps(solver, 9), tmp_path / "whole").weights.read_bytes()
    resumed = build_solver(tiny_job(tmp_path, DIFF + extra), 1)
    restore(resumed, part.state)
    assert save(steps(resumed, 9), tmp_path / "end").weights.read_bytes() == whole
    other = build_solver(tiny_job(tmp_path), 2)
    assert load(other, part.weights).missing == ()
    resumed = build_solver(tiny_job(tmp_path), 1)
    restore(resumed, part.state)
    for key, value in other.params.values.items():
        np.testing.assert_array_equal(value, resumed.params.values[key])
    assert not other.params.diff.any()


def test_the_weights_are_those_of_files_without(tmp_path: Path) -> None:
    solver, _ = stepped(tmp_path)
    solver.text.snapshot_diff = False
    without = save(solver, tmp_path / "without")
    solver.text.snapshot_diff = True
    beside = blobs(save(solver, tmp_path / "with").weights)
    for key, blob in blobs(without.weights).items():
        assert not len(blob.diff)
        assert list(blob.data) == list(beside[key].data)


def test_what_an_update_leaves_is_no_gradient_of_the_next(tmp_path: Path) -> None:
    """Where propagate_down cuts gradients off, decay alone works: w *= 1 - 0.02 * 0.1."""
    cut = NET.replace('bottom: "h" top: "y"', 'bottom: "h" top: "y" propagate_down: false')
    still = SOLVER.replace("momentum: 0.9", "momentum: 0")
    solver = build_solver(tiny_job(tmp_path, DIFF, cut, still), 1)
    before = solver.params.values["ip1[0]"].copy()
    steps(solver, 3)
    np.testing.assert_allclose(solver.params.values["ip1[0]"], before * 0.998**3, rtol=1e-6)
