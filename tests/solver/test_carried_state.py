"""What layers carry from batch to batch is part of a run's state: a resumed run ends alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.saving import restore, save
from mycaffe_py.solver.texts import read_job

DATA = (
    'layer { name: "d" type: "Data" top: "x" top: "label" transform_param { scale: 0.004 } '
    'data_param { source: "digits28.testing" batch_size: 6 enable_random_selection: true } }\n'
)
TRIPLETS = DATA + (
    'layer { name: "seq" type: "DataSequence" bottom: "x" bottom: "label" top: "a" top: "p" '
    'top: "n" top: "l" data_sequence_param { cache_size: 3 k: 1 label_count: 10 } }\n'
    + "".join(
        f'layer {{ name: "f{t}" type: "InnerProduct" bottom: "{t}" top: "f{t}" '
        'param { name: "w" } param { name: "b" } inner_product_param { num_output: 4 '
        'weight_filler { type: "xavier" } } }\n'
        for t in "apn"
    )
    + 'layer { name: "loss" type: "TripletLoss" bottom: "fa" bottom: "fp" bottom: "fn" '
    'bottom: "l" top: "loss" }\n'
)
# Each batch goes on from the state of the last one: cont is 1 everywhere.
LSTM = DATA + (
    'layer { name: "rows" type: "Reshape" bottom: "x" top: "rows" '
    "reshape_param { shape { dim: 7 dim: -1 dim: 112 } } }\n"
    'layer { name: "c" type: "DummyData" top: "cont" dummy_data_param { '
    'shape { dim: 7 dim: 6 } data_filler { type: "constant" value: 1 } } }\n'
    'layer { name: "m" type: "KIND" bottom: "rows" bottom: "cont" top: "h" '
    'recurrent_param { num_output: 3 weight_filler { type: "xavier" } } }\n'
    'layer { name: "t" type: "DummyData" top: "t" dummy_data_param { shape { dim: 7 dim: 6 dim: 3 }'
    " } }\n"
    'layer { name: "loss" type: "EuclideanLoss" bottom: "h" bottom: "t" top: "loss" }\n'
)
SOLVER = 'net: "net.prototxt" base_lr: 0.05 momentum: 0.9 lr_policy: "fixed" max_iter: 9 FORMAT'


@pytest.mark.slow
@pytest.mark.parametrize("form", ["", "snapshot_format: HDF5"])
@pytest.mark.parametrize(
    "net", [TRIPLETS, LSTM.replace("KIND", "LSTM"), LSTM.replace("KIND", "RNN")]
)
def test_a_resumed_run_goes_on_with_it(tmp_path: Path, net: str, form: str) -> None:
    (tmp_path / "net.prototxt").write_text(net)
    (tmp_path / "solver.prototxt").write_text(SOLVER.replace("FORMAT", form))
    job = read_job(str(tmp_path / "solver.prototxt"))
    whole = build_solver(job, seed=2)
    for _ in range(3):
        whole.step()
    files = save(whole, tmp_path / "run")
    assert any(array.any() for array in whole.net.carried())
    for _ in range(3):
        whole.step()
    resumed = build_solver(job, seed=2)
    restore(resumed, files.state)
    for _ in range(3):
        resumed.step()
    assert np.array_equal(resumed.params.data, whole.params.data)
    # The test can fail: without what was carried the run ends elsewhere.
    forgetful = build_solver(job, seed=2)
    restore(forgetful, files.state)
    for array in forgetful.net.carried():
        array[...] = 0
    for _ in range(3):
        forgetful.step()
    assert not np.array_equal(forgetful.params.data, whole.params.data)
