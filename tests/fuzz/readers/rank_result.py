"""What a run of a comparison came to, and the table of it."""

import json
from pathlib import Path

from mycaffe_py.evaluate.designs.table import rank, table_json, table_lines
from mycaffe_py.evaluate.designs.workbench import read_result
from tests.fuzz.json_damage import damaged_json
from tests.fuzz.reader import Reader

_RESULT = {
    "name": "cosine", "baseline": False, "setting": {"base_lr": "0.1"}, "seed": 1, "failed": "",
    "tune_auc": 0.99, "seconds": 1.5, "parameters": 4226, "iterations": 300, "best_iteration": 50,
    "weights": "cosine.caffemodel", "accuracy": 0.95, "auc": 0.99, "eer": 0.04, "threshold": 1.5,
    "pairs": 10000, "recall_at_1": None, "queries": 142,
}  # fmt: skip


def _samples(folder: Path) -> list[bytes]:
    failed = {key: _RESULT[key] for key in list(_RESULT)[:10]} | {"failed": "loss nan"}
    return [json.dumps(result).encode() for result in (_RESULT, failed)]


def _read(path: Path) -> None:
    found = read_result(path)
    if found is not None:
        rows = rank([found, _RESULT])
        table_lines(rows)
        table_json(rows)


READER = Reader(
    samples=_samples, read=_read, file="run.json", damage=damaged_json,
    words=(b"NaN", b"1e39", b"[[", b"{}", b'"', b"null", b", ", b"]"),
)  # fmt: skip
