"""An encoder that has learned: the files of its snapshot, held in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

import numpy as np

from mycaffe_py.api.encoder_text import MODEL, SOLVER, EncoderOptions, model_text, solver_text
from mycaffe_py.api.train import train_files
from mycaffe_py.api.train_job import splits_of
from mycaffe_py.array_types import FeatureRows, Shape
from mycaffe_py.data.array_source import Images, make_source
from mycaffe_py.engine.answering_net import AnsweringNet
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.snapshot.names import MEANS, SnapshotFiles
from mycaffe_py.solver.hooks.tell_program import OnEvent
from mycaffe_py.trained.loaded_net import loaded_net, run_graph, transform_for
from mycaffe_py.trained.snapshot import open_snapshot

# Always as many images at a time, so that no bit of a result depends on how many are asked about.
_BATCH = 256
_BATCH_VALUES = 1 << 20


class LearnedEncoder:
    """The net of `files`, given as names and contents; `shape` (C, H, W) is that of an image.

    It may be pickled, and used by several threads.
    """

    def __init__(self, files: Mapping[str, bytes], shape: Shape) -> None:
        """The weights come first among the files."""
        self.files = files
        self.shape = shape
        self._net: AnsweringNet | None = None
        self._turn = Lock()

    def write(self, folder: Path) -> SnapshotFiles:
        """Write the files into `folder`, which is made if it is not there."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            write_atomically(folder / name, content)
        return SnapshotFiles.beside(folder / next(iter(self.files)))

    def points(self, images: Images) -> FeatureRows:
        """(n, D): where the net puts `images` (n, C, H, W)."""
        with self._turn:
            if self._net is None:
                self._net = self._opened()
            return self._net.features(images)

    def _opened(self) -> AnsweringNet:
        with TemporaryDirectory(prefix="mycaffe-") as folder:
            snapshot = open_snapshot(self.write(Path(folder)).weights)
            batch = max(1, min(_BATCH, _BATCH_VALUES // int(np.prod(self.shape))))
            one: Any = np.zeros((1, *self.shape), np.float32)
            source = make_source("encoder.training", one, np.zeros(1, np.int64))
            net = loaded_net(snapshot, run_graph(snapshot, batch), snapshot.weights)
            return AnsweringNet(net, transform_for(snapshot, source), batch, "the encoder")

    def __reduce__(self) -> tuple[Any, ...]:
        return LearnedEncoder, (self.files, self.shape)


def learn(
    images: Any,
    labels: Sequence[Any],
    shape: Shape,
    options: EncoderOptions,
    normalization: tuple[float, float],
    *,
    seed: int,
    threads: int | None = None,
    on_event: OnEvent | None = None,
) -> LearnedEncoder:
    """Learn from `images` (n, H, W[, C]) or rows (n, D) with their `labels` (n,).

    `normalization` (mean, scale) makes (value - mean) * scale of every value.
    """
    with TemporaryDirectory(prefix="mycaffe-") as name:
        folder = Path(name)
        text = model_text(shape, len(set(labels)), options, *normalization)
        (folder / MODEL).write_text(text, encoding="utf-8")
        (folder / SOLVER).write_text(solver_text(options), encoding="utf-8")
        files = train_files(
            folder / SOLVER,
            splits=splits_of({"TRAIN": (images, labels)}),
            folder=folder,
            seed=seed,
            threads=threads,
            on_event=on_event,
        )
        means = files.with_ending(MEANS)
        wanted = [files.weights, files.card, *([means] if means.exists() else [])]
        return LearnedEncoder({path.name: path.read_bytes() for path in wanted}, shape)
