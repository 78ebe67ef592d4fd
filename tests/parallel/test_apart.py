"""Machines whose data differ are told apart at the start, with the machine and the file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.image_database.row_files import rows_folder
from tests.data.made import small_source
from tests.parallel.launching import launch

pytestmark = pytest.mark.slow
NET = """
layer { name: "d" type: "Data" top: "x" top: "y" data_param { source: "S.training" batch_size: 4 } }
layer { name: "ip" type: "InnerProduct" bottom: "x" top: "s"
  inner_product_param { num_output: 10 weight_filler { type: "xavier" } } }
layer { name: "l" type: "SoftmaxWithLoss" bottom: "s" bottom: "y" }
"""


def _started(folder: Path) -> tuple[int, str]:
    done = launch(2, "tests.parallel.apart", cwd=folder)
    return done.returncode, done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two machines with the same data."""
    write_dataset(tmp_path / "data0/S.sqlite", "S", {"training": small_source()})
    shutil.copytree(tmp_path / "data0", tmp_path / "data1")
    (tmp_path / "small.prototxt").write_text(NET)
    (tmp_path / "small.solver").write_text('net: "small.prototxt" base_lr: 0.01 lr_policy: "fixed"')
    return tmp_path


def test_a_changed_byte_of_one_machines_images_is_told(folder: Path) -> None:
    assert _started(folder)[0] == 0
    (rows,) = rows_folder(folder / "data1/S.sqlite").glob("*.rows")
    content = bytearray(rows.read_bytes())
    content[100] ^= 1
    rows.write_bytes(content)
    code, told = _started(folder)
    assert code != 0 and "Traceback" not in told
    assert told.count("process 1 of 2: the images or labels of 'S.training' have changed") == 1
    assert f"data1/S.rows/{rows.name}" in told


def test_another_data_set_on_one_machine_is_told(folder: Path) -> None:
    other = small_source(count=33)
    write_dataset(folder / "data1/S.sqlite", "S", {"training": other})
    code, told = _started(folder)
    assert code != 0 and "Traceback" not in told
    assert told.count("process 1 has another content of S.training") == 1
