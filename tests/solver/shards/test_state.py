"""What layers keep from batch to batch, where batches are worked on in shards."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.hooks.hook import Event, Hook, Run
from mycaffe_py.solver.run import Start, train
from tests.solver.shards.cut_nets import LOSS, PARTNERS, text_of, work_of
from tests.solver.tiny import NET, tiny_job

pytestmark = pytest.mark.usefixtures("digits_only")

DROPOUT = 'layer { name: "drop" type: "Dropout" bottom: "y" top: "d" }'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_batch_holds_the_same_rows_moved_alike_in_any_number_of_shards() -> None:
    moves = (
        "scale: 0.5 mirror: true augment_param { shift: 2 rotate: 20 brightness: 0.1 stretch: 0.1 }"
    )
    text = text_of(LOSS).replace("scale: 0.00390625", moves)
    whole = work_of(text, 1)
    for shards in (2, 3):
        cut = work_of(text, shards)
        for batch in (0, 7):
            whole.forward(batch)
            cut.forward(batch)
            for name in ("data", "label"):
                rows = np.concatenate([net.blob(name) for net in cut.nets])
                np.testing.assert_array_equal(rows, whole.net.blob(name))


def test_each_shard_has_random_numbers_of_its_own() -> None:
    text = text_of(DROPOUT + LOSS.replace('"y"', '"d"'))
    work = work_of(text, 2)
    work.forward(0)
    first, second = ((net.blob("d") == 0) for net in work.nets)
    assert first.shape == second.shape and (first != second).any()
    work.forward(0)
    np.testing.assert_array_equal(first, work.nets[0].blob("d") == 0)


def test_batch_norm_learns_the_mean_over_the_shards() -> None:
    text = text_of(f'layer {{ name: "bn" type: "BatchNorm" bottom: "y" top: "n" }} {LOSS}')
    work = work_of(text, 3)
    for batch in range(2):
        work.forward(batch)
    mean, variance, factor = (work.net.values[key] for key in ("bn[0]", "bn[1]", "bn[2]"))
    wanted = np.zeros((2, 10))
    for batch in range(2):
        parts = []
        for net in work.nets:
            net.note(batch)
            y = net.blob("y")
            parts.append((y.mean(axis=0), y.var(axis=0, ddof=1)))
        wanted = 0.999 * wanted + np.mean(parts, axis=0)
    np.testing.assert_allclose(mean, wanted[0], rtol=1e-6)
    np.testing.assert_allclose(variance, wanted[1], rtol=1e-6)
    assert factor[0] == pytest.approx(1.999)


def test_centroids_are_those_of_the_whole_batch() -> None:
    decode = (
        'layer { name: "dec" type: "Decode" bottom: "y" bottom: "label" top: "dec" '
        "decode_param { target: TARGET cache_size: 2 k: 2 } } "
        'layer { name: "knn" type: "KNN" bottom: "y" bottom: "label" top: "knn" '
        "knn_param { max_stored_batches: 2 } } "
    )
    for target in ("CENTROID", "KNN"):
        text = text_of(decode.replace("TARGET", target) + LOSS)
        whole, cut = work_of(text, 1), work_of(text, 4)
        for batch in range(5):
            whole.net.forward(batch)
            cut.forward(batch)
        for key in whole.net.values:
            np.testing.assert_allclose(cut.net.values[key], whole.net.values[key], rtol=1e-9)
        assert np.abs(cut.net.values["dec[0]"]).max() > 0


def test_rows_of_all_shards_are_written_in_their_order(tmp_path: Path) -> None:
    net = text_of(
        'layer { name: "out" type: "HDF5Output" bottom: "y" bottom: "label" '
        'hdf5_output_param { file_name: "out.h5" } } ' + LOSS
    )
    work = work_of(net, 3)
    work.forward(2)
    with h5py.File("out.h5") as file:
        rows = file["data"][:].reshape(24, 10)
    np.testing.assert_allclose(rows, np.concatenate([n.blob("y") for n in work.nets]), rtol=1e-6)


def test_code_with_blobs_of_its_own_is_refused(tmp_path: Path) -> None:
    (tmp_path / "counting.py").write_text(
        "import mycaffe_py.pycaffe as caffe\n"
        "class Counts(caffe.Layer):\n"
        "    def setup(self, bottom, top):\n"
        "        self.blobs.add_blob(1)\n"
        "    def reshape(self, bottom, top):\n"
        "        top[0].reshape(*bottom[0].data.shape)\n"
        "    def forward(self, bottom, top):\n"
        "        top[0].data[...] = bottom[0].data\n"
        "    def backward(self, top, propagate_down, bottom):\n"
        "        bottom[0].diff[...] = top[0].diff\n"
    )
    layer = (
        'layer { name: "counts" type: "Python" bottom: "x" top: "z" param { lr_mult: 0 } '
        'python_param { module: "counting" layer: "Counts" } } layer { name: "ip1"'
    )
    net = NET.replace('layer { name: "ip1"', layer).replace(
        'bottom: "x" top: "h"', 'bottom: "z" top: "h"'
    )
    assert build_solver(tiny_job(tmp_path, "", net), 1).net
    with pytest.raises(UserError, match=r"layer 'counts' \(Python\): 1 of its blobs"):
        build_solver(tiny_job(tmp_path, "shards: 2", net), 1)


def test_each_shard_keeps_its_own_partners_and_a_resumed_run_has_them(tmp_path: Path) -> None:
    net = text_of(PARTNERS)
    extra = "shards: 4 random_seed: 1 snapshot: 6"
    train(tiny_job(tmp_path, extra, net), Start())
    last = tmp_path / "snapshots/tiny_iter_12.caffemodel"
    state = last.with_suffix(".solverstate")
    wanted = last.read_bytes(), state.read_bytes()
    last.unlink()
    train(tiny_job(tmp_path, extra, net), Start(state=state.with_name("tiny_iter_6.solverstate")))
    assert (last.read_bytes(), state.read_bytes()) == wanted


def test_one_shard_is_the_run_without_the_word(tmp_path: Path) -> None:
    usual = train(tiny_job(tmp_path), Start(seed=1))
    said = train(tiny_job(tmp_path, "shards: 1"), Start(seed=1))
    assert said.params.data.tobytes() == usual.params.data.tobytes()
    other = train(tiny_job(tmp_path, "shards: 2"), Start(seed=1))
    assert other.params.data.tobytes() != usual.params.data.tobytes()


def test_gradients_are_clipped_by_the_norm_of_their_sum(tmp_path: Path) -> None:
    found = {}
    net = NET.replace('data_filler { type: "gaussian" }', "data_filler { value: 0.5 }")
    for shards in (1, 2):
        job = tiny_job(tmp_path, f"shards: {shards} clip_gradients: 0.01 iter_size: 2", net)
        solver = build_solver(job, 1)
        for _ in range(3):
            solver.step()
        found[shards] = solver.params.data.copy()
    np.testing.assert_allclose(found[2], found[1], rtol=1e-5)


def test_debug_info_tells_of_the_first_shard(tmp_path: Path) -> None:
    class Lines(Hook):
        def __init__(self) -> None:
            self.lines: list[str] = []

        def told(self, solver: Run, event: Event) -> None:
            if event.kind == "debug":
                self.lines.append(event.figures["line"])

    counts = []
    for shards in (1, 4):
        lines = Lines()
        solver = build_solver(tiny_job(tmp_path, f"debug_info: true shards: {shards}"), 1, [lines])
        solver.step()
        counts.append(len(lines.lines))
    assert counts[0] == counts[1] > 5


@pytest.mark.parametrize(
    ("data", "shards", "told"),
    [
        ("batch_size: 24", 5, r"batch_size 24 in 5 shards"),
        ("batch_size: 24 labels_per_batch: 6 images_per_label: 4", 4, r"labels_per_batch 6 in 4"),
    ],
)
def test_shards_divide_the_batch(tmp_path: Path, data: str, shards: int, told: str) -> None:
    net = text_of(LOSS).replace("batch_size: 24", data)
    with pytest.raises(UserError, match=told):
        build_solver(tiny_job(tmp_path, f"shards: {shards}", net), 1)


def test_there_is_at_least_one_shard(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="shards is 0"):
        tiny_job(tmp_path, "shards: 0")


def test_the_images_of_a_step_are_those_of_all_shards(tmp_path: Path) -> None:
    from mycaffe_py.solver.cards import make_card

    cards = [
        make_card(build_solver(tiny_job(tmp_path, f"iter_size: 2 shards: {shards}"), 1))
        for shards in (1, 4)
    ]
    assert [card.images_per_step for card in cards] == [16, 16]
    assert (cards[1].shards, cards[1].processes) == (4, 1)
