"""What all tests share: no test touches the user's datasets or the folder it is started in."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Result:
    """What a command line did."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory, monkeypatch):
    """Datasets in a fresh folder, and no test waits for the network."""
    monkeypatch.setenv("MYCAFFE_DATA", str(tmp_path_factory.mktemp("datasets")))
    monkeypatch.setenv("MYCAFFE_OFFLINE", "1")


@pytest.fixture
def digits_only(monkeypatch):
    """MNIST cannot be had, so the templates work on their small stand-in."""
    monkeypatch.delenv("MYCAFFE_MNIST", raising=False)


@pytest.fixture
def mycaffe(tmp_path: Path, monkeypatch, capsys) -> Callable[..., Result]:
    """Run `mycaffe ARGUMENTS` in an empty folder (tmp_path)."""
    from mycaffe_py.cli.main import main

    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        try:
            code = main(arguments)
        except SystemExit as stop:
            code = stop.code
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run
