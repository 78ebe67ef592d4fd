"""The list of folders whose texts may run code."""

import json
from pathlib import Path

from mycaffe_py.data.dataset_paths import data_folder
from mycaffe_py.data.opening import LOOKING
from mycaffe_py.solver.trust import opening_of, trusted_folders
from tests.fuzz.json_damage import damaged_json
from tests.fuzz.reader import Reader


def _samples(folder: Path) -> list[bytes]:
    return [json.dumps({"trusted": names}).encode() for names in ([], ["/a", "/a/b c", "/tmp"])]


def _read(path: Path) -> None:
    kept = data_folder() / "trusted.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(path.read_bytes())
    for folder in trusted_folders():
        assert folder.is_absolute()
    opening_of(path, LOOKING)


READER = Reader(
    samples=_samples, read=_read, damage=damaged_json,
    words=(b"/", b"\\u0000", b"\\ud800", b"..", b"[[", b"{}", b'"', b"null", b", ", b"~"),
)  # fmt: skip
