"""`mycaffe features`: the base runs once over a dataset, and what it says is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.dataset_lookup import holder_of
from mycaffe_py.data.dataset_paths import split_source_name, table_folder
from mycaffe_py.data.feature_tables.feature_card import (
    DTYPES,
    Base,
    TableCard,
    TableFiles,
    another,
    read_card,
    table_splits,
)
from mycaffe_py.data.feature_tables.feature_table import FeatureTable, read_table
from mycaffe_py.data.transform.transform import TransformSettings
from mycaffe_py.data.transform.transform_text import transform_settings
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.features.feature_base import FeatureNet, FrozenBase
from mycaffe_py.evaluate.features.feature_images import (
    FeatureImages,
    check_resize,
    settings_sum,
    usual_augment,
)
from mycaffe_py.evaluate.features.feature_rows import Bar, TableRows
from mycaffe_py.evaluate.features.feature_writing import COMMIT_S, TableWriter, remove_table
from mycaffe_py.proto.mycaffe_pb2 import AugmentParameter, TransformationParameter
from mycaffe_py.proto.text import write_text
from mycaffe_py.solver.team import ALONE, Team, check_same


@dataclass(frozen=True)
class Wanted:
    """What is asked for. `name` is the dataset of the table ("" for one made of source and blob),
    `augment` how variants are made (None: as the model says, else the usual), `resize` (height,
    width) what images are brought to before all else."""

    blob: str
    name: str = ""
    batch: int = 8
    dtype: str = "float32"
    variants: int = 1
    seed: int = 0
    augment: AugmentParameter | None = None
    force: bool = False
    resize: tuple[int, int] | None = None
    commit_s: float = COMMIT_S


def make_features(
    base: FrozenBase,
    param: TransformationParameter,
    source: ArraySource,
    wanted: Wanted,
    bar: Bar,
    team: Team = ALONE,
) -> FeatureTable | None:
    """Make the table of `source`, or go on with it, or find it made already.

    The first process of `team` writes and gets it; the others make rows for it. Errors: options
    that cannot be, a blob that is not there, images of another size than the base's, a table of
    this name made otherwise, other images or weights in a process of the team.
    """
    _check(wanted)
    net = FeatureNet(base, wanted.blob, wanted.batch)
    seen = _as_resized(source, wanted.resize)
    param, augment = _with_augment(param, seen, wanted)
    settings = transform_settings(param, seen, base.text.where)
    images = FeatureImages(source, settings, wanted.variants, wanted.seed, wanted.resize)
    if images.shape != net.image_shape:
        raise UserError(
            f"'{source.name}' gives images of {images.shape}",
            wanted=f"blob '{net.input}' of the model takes {net.image_shape}",
            do="--resize brings them to a size, and --crop cuts the centre out.",
        )
    card = _card(base, settings, param, augment, source, wanted, net.size)
    sums = {"weights": card.base.weights_checksum, "model text": card.base.model_checksum}
    check_same(team, {source.name: source.checksum, **sums})

    rows = TableRows(net, images, team)
    if team.rank > 0:
        rows.help()
        return None
    dataset, split = split_source_name(card.name)
    files = TableFiles.of(dataset, split)
    _clear(dataset, card, wanted.force)
    if files.card.exists():
        rows.help()
    else:
        labels = np.repeat(source.labels, card.variants)
        with TableWriter(files, card, labels, wanted.commit_s, net.advice) as writer:
            rows.write(writer, labels, bar)
    return read_table(dataset, split)


def _check(wanted: Wanted) -> None:
    for name, value in (("--batch", wanted.batch), ("--augment", wanted.variants)):
        if value < 1:
            raise UserError(f"{name} is {value}", wanted="at least 1")
    if wanted.dtype not in DTYPES:
        raise UserError(f"--dtype is '{wanted.dtype}'", wanted=" or ".join(DTYPES))
    if wanted.seed < 0:
        raise UserError(f"--seed is {wanted.seed}", wanted="a seed is at least 0")


def _as_resized(source: ArraySource, size: tuple[int, int] | None) -> ArraySource:
    """What a transform may ask of the resized images: shape and mean. Errors: no pictures."""
    if size is None:
        return source
    check_resize(source)
    shape = (source.shape[0], *size)
    planes = [Image.fromarray(plane).resize(size[::-1]) for plane in source.mean()]
    return replace(
        source,
        images=np.broadcast_to(np.uint8(0), (len(source), *shape)),
        image_mean=np.stack([np.asarray(plane, np.float32) for plane in planes]),
    )


def _with_augment(
    param: TransformationParameter, source: ArraySource, wanted: Wanted
) -> tuple[TransformationParameter, str]:
    """`param` with the augment_param that variants are made by, and that as text."""
    full = TransformationParameter()
    full.CopyFrom(param)
    full.ClearField("augment_param")
    if wanted.variants == 1:
        return full, ""
    own = param.augment_param if param.HasField("augment_param") else usual_augment(source.shape)
    full.augment_param.CopyFrom(own if wanted.augment is None else wanted.augment)
    return full, write_text(full.augment_param)


def _card(
    base: FrozenBase,
    settings: TransformSettings,
    param: TransformationParameter,
    augment: str,
    source: ArraySource,
    wanted: Wanted,
    size: int,
) -> TableCard:
    dataset, split = split_source_name(source.name)
    name = wanted.name or f"{dataset}_{wanted.blob}".replace("/", "_")
    model, weights = base.checksums
    plain = TransformationParameter()
    plain.CopyFrom(param)
    plain.ClearField("augment_param")
    return TableCard(
        name=f"{name}.{split}",
        source=source.name,
        source_checksum=source.checksum,
        images=len(source),
        variants=wanted.variants,
        size=size,
        dtype=wanted.dtype,
        seed=wanted.seed,
        augment=augment,
        batch=wanted.batch,
        base=Base(
            blob=wanted.blob,
            model=base.model,
            model_checksum=model,
            weights=str(base.weights_file),
            weights_checksum=weights,
            transform=write_text(plain),
            transform_checksum=settings_sum(settings),
            resize="" if wanted.resize is None else "{1}x{0}".format(*wanted.resize),
        ),
        label_names=source.label_names,
    )


def _clear(dataset: str, card: TableCard, force: bool) -> None:
    """Make way for the table: refuse, or with `force` remove, what is of another base."""
    holder = holder_of(dataset)
    if holder is not None and holder.path(dataset) != table_folder(dataset):
        raise UserError(
            f"there is a dataset '{dataset}' already", do="Give the table another --name."
        )
    split = split_source_name(card.name)[1]
    mine = TableFiles.of(dataset, split)
    if force:
        remove_table(mine)
    if mine.card.exists():
        wrong = card.differs(read_card(mine.card)[0])
        if wrong:
            raise UserError(
                f"there is a feature table '{card.name}' of {another(wrong)}",
                do="Pass --force to replace it, or --name with another name.",
            )
    for other in table_splits(dataset):
        files = TableFiles.of(dataset, other)
        known = read_card(files.card)[0]
        if known.base.same(card.base) and known.size == card.size:
            continue
        if not force:
            raise UserError(
                f"split '{other}' of '{dataset}' is of another base: {known.description}",
                wanted="all splits of a dataset hold the same features",
                do="Pass --force to remove it, or --name with another name.",
            )
        remove_table(files)
