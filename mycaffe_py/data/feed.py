"""What fills the tops of a Data layer: source, selection and transform put together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import Shape
from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.batch_feed import BatchFeed
from mycaffe_py.data.caffe_stores.record_feed import record_feed
from mycaffe_py.data.caffe_stores.stores import missing_store, store_kind
from mycaffe_py.data.dataset_paths import is_source_name
from mycaffe_py.data.feed_checks import check_data_layer
from mycaffe_py.data.follow import follow, reads_no_data_set
from mycaffe_py.data.label_match import LearnedNames, Matched, class_names, match
from mycaffe_py.data.opening import RUNNING, Opening
from mycaffe_py.data.selection.choice import Chooses, selection_for
from mycaffe_py.data.source import open_head, open_source
from mycaffe_py.data.transform.list_transform import purpose_of
from mycaffe_py.data.transform.transform import Transform
from mycaffe_py.data.transform.transform_text import transform_settings
from mycaffe_py.errors import UserError
from mycaffe_py.notices import notice
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations

# Values of a batch up to which making it (0.1 ms) costs a step less than having a thread make it:
# that thread takes a core from those that compute, and the copy and the waiting take 0.05 ms.
_QUICK = 1 << 18
_ALL_ROWS = slice(None)


class Feed:
    """Batches of N items of `images_per_blob` (k) images each.

    Tops: data (N, C*k, H, W), the channels of an item's first image first; label (N,) for k = 1,
    (N, k) class numbers with `output_all_labels`, else (N, k-1): 1.0 where an image has the label
    of the item's first image, 0.0 where not; index: like all labels, with record numbers.
    Pure: one batch number always gives the same bits. `matched` says how the labels were numbered
    where another net has learned classes of these names.
    """

    def __init__(
        self,
        source: ArraySource,
        selection: Chooses,
        transform: Transform,
        output_all_labels: bool = False,
        top_count: int = 2,
        forced_primary_label: int = -1,
        matched: Matched | None = None,
    ) -> None:
        self.source: ArraySource = source
        self.selection = selection
        self.transform = transform
        self.output_all_labels = output_all_labels
        self.top_count = top_count
        self.forced_primary_label = forced_primary_label
        self.matched = matched

    # Its images were brought to one shape when the data set was made.
    varies = False

    @property
    def choice(self) -> Chooses:
        """What says which images a batch holds."""
        return self.selection

    def shapes_of(self, batch_number: int) -> list[Shape]:
        """Shape of each top, the same in every batch."""
        return self.shapes

    @property
    def shapes(self) -> list[Shape]:
        """Shape of each top."""
        count, per_blob = self.selection.batch_size, self.selection.images_per_blob
        channels, height, width = self.transform.out_shape
        every: Shape = (count,) if per_blob == 1 else (count, per_blob)
        flags = per_blob > 1 and not self.output_all_labels
        label = (count, per_blob - 1) if flags else every
        return [(count, channels * per_blob, height, width), label, every][: self.top_count]

    @property
    def tells_classes(self) -> bool:
        """Whether the label top holds class numbers, rather than same or different, or is none."""
        return self.top_count > 1 and (
            self.selection.images_per_blob == 1 or self.output_all_labels
        )

    @property
    def label_count(self) -> int:
        """Classes in the label top; 2 where it only says same or different."""
        if self.selection.images_per_blob > 1 and not self.output_all_labels:
            return 2
        return max(self.source.label_count, self.forced_primary_label + 1)

    @property
    def classes(self) -> tuple[int, ...]:
        """The numbers that the label top may hold, where it holds class numbers."""
        if not self.tells_classes:
            return ()
        forced = {self.forced_primary_label} if self.forced_primary_label >= 0 else set()
        return tuple(sorted(forced | set(class_names(self.source))))

    @property
    def quick(self) -> bool:
        """Whether a batch is made so fast that it had better not be made ahead."""
        small = math.prod(self.shapes[0]) <= _QUICK
        return small and self.source.at_hand and not self.transform.warps

    def fill(
        self, batch_number: int, tops: Sequence[NDArray[Any]], rows: slice = _ALL_ROWS
    ) -> None:
        """Write batch `batch_number`, or these rows of it, into `tops`, float32 or float64 arrays.

        The first may also be (N, k, C, H, W), in any order in memory.
        """
        whole = self.selection.records(batch_number)
        records = whole[rows]
        data = tops[0].reshape(*records.shape, *self.transform.out_shape)
        first = rows.start or 0
        part = (first * records.shape[1], whole.size)
        images, places = self.source.chosen(records.reshape(-1))
        self.transform.apply(images, places, batch_number, data, part)
        if len(tops) > 1:
            tops[1][...] = self._labels(records).reshape(tops[1].shape)
        if len(tops) > 2:
            tops[2][...] = records.reshape(tops[2].shape)

    def _labels(self, records: NDArray[np.int64]) -> NDArray[np.int64] | NDArray[np.bool_]:
        labels: NDArray[np.int64] = self.source.labels[records]
        if self.selection.images_per_blob > 1 and not self.output_all_labels:
            same: NDArray[np.bool_] = labels[:, 1:] == labels[:, :1]
            return same
        if self.forced_primary_label >= 0:
            labels[:, 0] = self.forced_primary_label
        return labels


def feed_for(
    layer: pb.LayerParameter,
    phase: int,
    seed: int,
    where: Locations,
    notify: Callable[[str], None] = notice,
    learned: LearnedNames | None = None,
    opening: Opening = RUNNING,
    leader: BatchFeed | None = None,
) -> BatchFeed:
    """The feed of a Data layer in `phase`; `where` holds the places of the layer's fields.

    The labels of a data set are numbered as those of `learned` that have the same names.

    A source that is a folder is Caffe's LMDB or LevelDB, every other one a source by its name.
    `opening`: whether one may be made, and whether only its head is read; then the feed fills
    nothing. `leader`: the feed of the layer that this one is kept in step with.

    Errors: each mistake in data_param or transform_param, and a source that cannot be had.
    """
    param = layer.data_param
    at = where.under("data_param")
    check_data_layer(layer, at)
    train = phase == pb.TRAIN
    if reads_folder(param):
        kind = backend_of(param)
        if leader is not None:
            raise reads_no_data_set(layer, layer.name, at)
        return record_feed(layer, kind, train, seed, where, notify)
    source = _opened(layer, at, notify, opening)
    matched = None if leader else _matched(layer, source, learned or {})
    source = matched.source if matched else source
    purpose = purpose_of(layer, train)
    if leader is None:
        selection = selection_for(layer, source, train, seed, where)
    else:
        source, selection = follow(layer, source, leader, train, seed, where, notify)
    given = layer.transform_param
    settings = transform_settings(given, source, where.under("transform_param"))
    own_seed = given.random_seed if given.HasField("random_seed") else seed
    transform = Transform(settings, source.shape, train, own_seed, purpose)
    pairs_of_labels = param.output_all_labels and param.images_per_blob > 1
    forced = param.forced_primary_label if pairs_of_labels else -1
    return Feed(
        source, selection, transform, param.output_all_labels, len(layer.top), forced, matched
    )


def _opened(
    layer: pb.LayerParameter, at: Locations, notify: Callable[[str], None], opening: Opening
) -> ArraySource:
    """The source that the layer names, which is no folder, or its head alone."""
    param = layer.data_param
    if param.rand_skip:
        raise UserError(
            f"layer '{layer.name}' (Data): rand_skip is for LMDB and LevelDB folders",
            where=at.at("rand_skip"),
            do="enable_random_selection draws by chance.",
        )
    if _is_path(param.source):
        raise missing_store(Path(param.source), "", at.at("source"))
    if opening.heads:
        return open_head(param.source, param.stand_in, at.at("source"))
    return open_source(param.source, param.stand_in, at.at("source"), notify, opening.makes_data)


def _matched(
    layer: pb.LayerParameter, source: ArraySource, learned: LearnedNames
) -> Matched | None:
    """Where the label top holds class numbers, and it is known what these are to the net.

    Unlike images need two classes, batches of P classes need P.
    """
    param = layer.data_param
    names = learned.get(layer.name) or learned.get("")
    classes = param.images_per_blob == 1 or param.output_all_labels
    least = max(param.labels_per_batch, 1 if param.images_per_blob == 1 else 2)
    return match(source, names, least) if names and classes and len(layer.top) > 1 else None


def reads_folder(param: pb.DataParameter) -> bool:
    """Whether the source is a folder of Caffe's rather than a source of the image database.

    With one of Caffe's backends any name that can be no other source is taken for a folder; without
    a backend, a folder that holds such a store.
    """
    if backend_of(param):
        return Path(param.source).is_dir() or not is_source_name(param.source)
    return not param.HasField("backend") and bool(store_kind(Path(param.source)))


def _is_path(source: str) -> bool:
    """Whether it can be nothing but a folder, which Caffe's own texts give without a backend."""
    known = source.endswith(("lmdb", "leveldb")) and not is_source_name(source)
    return "/" in source or "\\" in source or known


def backend_of(param: pb.DataParameter) -> str:
    """The backend as it stands in the text, if it is one of Caffe's."""
    database = not param.HasField("backend") or param.backend == pb.DataParameter.IMAGEDB
    return "" if database else pb.DataParameter.DB.Name(param.backend)
