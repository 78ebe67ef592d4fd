"""A net that names code of its own is trained only where the user has said that it may run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mycaffe_py.data.named_sources.named_source import named_source
from mycaffe_py.data.opening import NeedsConsentError, covered
from mycaffe_py.errors import MyCaffeError
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.solver.texts import Job, job_of_card, read_job
from mycaffe_py.solver.trust import trusted_folders


class UntrustedError(NeedsConsentError):
    """Texts of `folder` name code; `lines` say which. A page asks the user by it."""

    def __init__(self, folder: Path, lines: list[str]) -> None:
        super().__init__(
            f"code of this folder would run: {'; '.join(lines)}",
            wanted=f"{folder} is not trusted",
            do="Trust it, if you know who wrote that code: mycaffe trust FOLDER.",
        )
        self.folder = folder
        self.lines = lines

    def as_json(self) -> dict[str, Any]:
        """The parts of every error, and what a page asks about."""
        return {**super().as_json(), "code": {"folder": str(self.folder), "lines": self.lines}}


def check_consent(folder: Path, arguments: Sequence[str]) -> None:
    """Raise UntrustedError where a command in `folder` (resolved) would run code of it unasked.

    A training is meant to run what its net names, so the command itself does not ask. What cannot
    be read is for the command to tell.
    """
    try:
        job = _job(folder, arguments)
    except MyCaffeError:
        return
    texts = (job.train, *job.tests) if job else ()
    lines = dict.fromkeys(line for text in texts for line in named_code(text))
    if lines and not covered(folder, trusted_folders()):
        raise UntrustedError(folder, list(lines))


def _job(folder: Path, arguments: Sequence[str]) -> Job | None:
    """What `mycaffe train --solver=...` or `mycaffe resume FILE` would train, if it is one."""
    name, *rest = arguments
    if name == "train":
        given = dict(word.partition("=")[::2] for word in rest if not word.startswith("--set="))
        sets = [word.removeprefix("--set=") for word in rest if word.startswith("--set=")]
        return read_job(str(folder / given.get("--solver", "")), sets)
    if name == "resume" and rest:
        return job_of_card(RunCard.read(SnapshotFiles.beside(folder / rest[0]).card))
    return None


def named_code(text: NetText) -> list[str]:
    """A line for each layer of a net that names code which mycaffe-py does not bring."""
    lines = []
    for layer in text.net.layer:
        for field, name in (("python_param", "layer"), ("python_source_param", "function")):
            options = getattr(layer, field)
            called = getattr(options, name)
            if layer.HasField(field) and not named_source(options.module, called):
                lines.append(f"layer '{layer.name}' runs {options.module}.{called}")
    return lines
