"""A head and its base trained together, and what that did to the marks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.dataset_paths import dataset_path, split_source_name
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.transform.transform import Transform
from mycaffe_py.data.transform.transform_text import transform_settings
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.designs.head import Head
from mycaffe_py.evaluate.designs.join import Joint, join
from mycaffe_py.evaluate.designs.judging import Exam, Marks, judge, set_exam
from mycaffe_py.evaluate.designs.parts import Parts
from mycaffe_py.evaluate.designs.score_net import ScoreNet
from mycaffe_py.evaluate.features.feature_base import FeatureNet, FrozenBase, open_base
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.proto.model_text import read_solver_file
from mycaffe_py.proto.templates import find_text
from mycaffe_py.proto.text import write_text
from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.snapshot.weights import read_weights
from mycaffe_py.solver.run import Start, train
from mycaffe_py.solver.texts import read_job

_SPLIT = "training"
_DISPLAYS = 10


@dataclass(frozen=True)
class Together:
    """What is refined: `blob` of the base `model` with weights `base`, and a head with its own."""

    model: str
    base: Path
    blob: str
    head: Head
    head_weights: Path


@dataclass(frozen=True)
class Stage:
    """Part of the training: its name, iterations, and `rate` times the base's learning rates."""

    name: str
    iterations: int
    rate: float


@dataclass(frozen=True)
class Schedule:
    """How base and head are refined: by the solver text `solver`, stage by stage.

    Each step takes `examples` pairs or triplets (None: as many as the head's text), and `batch`
    images are run at a time for the marks. Texts and snapshots are left in `folder`.
    """

    stages: Sequence[Stage]
    solver: str
    seed: int
    examples: int | None
    batch: int
    folder: Path


def learning_part(source: ArraySource, parts: Parts) -> str:
    """The name of the source with the images of `parts` to learn from; written if not there yet.

    A dataset of its own, so that a text can name it and nothing it is judged by gets in. Its
    classes are numbered from 0 without gaps, as pairs want them; names stay.
    """
    digest = hashlib.sha256(source.checksum.encode())
    digest.update(parts.learn.astype("<i8").data)
    dataset = f"{split_source_name(source.name)[0]}_learn_{digest.hexdigest()[:8]}"
    name = f"{dataset}.{_SPLIT}"
    if not dataset_path(dataset).exists():
        known, labels = np.unique(source.labels[parts.learn], return_inverse=True)
        names = {new: source.label_names.get(int(old), str(old)) for new, old in enumerate(known)}
        made = make_source(name, source.gather(parts.learn), labels, names)
        made = replace(made, counters=source.counters, pictures=source.pictures)
        about = f"{len(labels)} images of {source.name} to refine a design with"
        write_dataset(dataset_path(dataset), dataset, {_SPLIT: made}, about)
    return name


def measure_marks(
    together: Together,
    weights: tuple[Path, Path],
    source: ArraySource,
    parts: Parts,
    batch: int,
    progress: Callable[[int], object],
) -> Marks:
    """How base and head do with the `weights` of each, on the exam that rank sets for `parts`.

    `progress` is told the number of images run since its last call.
    """
    exam = set_exam(source.labels, parts)
    base = open_base(together.model, weights[0], run_code=True)
    features = _features(base, together.blob, source, _asked(exam), batch, progress)
    score = ScoreNet(together.head, features)
    score.load(read_weights(weights[1]))
    try:
        return judge(score, exam)
    except ValueError as error:
        raise UserError(
            f"head '{together.head.name}' gives scores that are not finite: {error}",
            wanted=f"it judges by the values of blob '{together.blob}', as it learned to",
            do="Name the blob and the weights that the ranked table was made with.",
        ) from error


def _asked(exam: Exam) -> NDArray[np.int64]:
    """All rows of an exam, each once."""
    sides = [exam.queries, exam.gallery]
    for drawn in (exam.tune, exam.judge):
        sides += [drawn.anchor, drawn.positive, drawn.negative]
    return np.unique(np.concatenate(sides))


def _features(
    base: FrozenBase,
    blob: str,
    source: ArraySource,
    rows: NDArray[np.int64],
    batch: int,
    progress: Callable[[int], object],
) -> NDArray[np.float32]:
    """(n, D) for all images of `source`, of which `rows` are filled; the system gives the others
    no memory."""
    net = FeatureNet(base, blob, batch)
    transform = Transform(transform_settings(base.transform, source, base.text.where), source.shape)
    if transform.out_shape != net.image_shape:
        raise UserError(
            f"'{source.name}' gives images of {transform.out_shape}",
            wanted=f"blob '{net.input}' of the base takes {net.image_shape}",
            do="--resize WxH brings them to a size, as it does for 'mycaffe features'.",
        )
    features = np.zeros((len(source), net.size), np.float32)
    for start in range(0, len(rows), batch):
        chosen = rows[start : start + batch]
        images, places = source.chosen(chosen)
        transform.apply(images, places, 0, net.input_rows(len(chosen)))
        features[chosen] = net.features(len(chosen))
        if not np.isfinite(features[chosen]).all():
            raise UserError(
                f"the features of '{source.name}' hold NaN or infinity",
                wanted=f"blob '{blob}' of {base.weights_file} is what a head begins at",
                do=net.advice,
            )
        progress(len(chosen))
    return features


def refine(
    together: Together,
    source: str,
    channels: int,
    stage: Stage,
    weights: tuple[Path, ...],
    schedule: Schedule,
) -> Path | None:
    """Write model and solver text of `stage` into the folder and train; the weights at its end.

    None where somebody stopped it; `mycaffe resume` goes on then.
    """
    head, folder = together.head, schedule.folder
    rows = schedule.examples or head.rows
    base = open_base(together.model, together.base, run_code=True)
    net = join(base, together.blob, head, Joint(source, channels, rows, stage.rate))
    model, text = folder / f"{stage.name}.prototxt", folder / f"{stage.name}.solver"
    frozen = "is frozen" if not stage.rate else f"learns at {stage.rate:g} times its rates"
    about = f"# {head.name} on blob '{together.blob}' of a base that {frozen}.\n"
    write_atomically(model, (about + write_text(net)).encode())
    write_atomically(text, _solver(schedule.solver, model, stage).encode())
    # In the text the model has its bare name, which a file in the working folder may have, too.
    job = read_job(str(text), [f"solver.net={model}"])
    trained = train(job, Start(seed=schedule.seed, weights=weights))
    if trained.stopping or trained.record.last_snapshot is None:
        return None
    return SnapshotFiles.beside(trained.record.last_snapshot).weights


def _solver(name: str, model: Path, stage: Stage) -> str:
    """The solver text `name`, changed to train `model` for the iterations of `stage`."""
    read = read_solver_file(find_text(name, "solver")).message
    for field in ("test_interval", "test_iter", "snapshot", "random_seed"):
        read.ClearField(field)
    read.net = model.name
    read.max_iter = stage.iterations
    read.display = max(1, stage.iterations // _DISPLAYS)
    read.snapshot_prefix = str(model.with_suffix(""))
    return f"# How '{stage.name}' is trained: mycaffe train --solver {stage.name}.solver\n" + (
        write_text(read)
    )
