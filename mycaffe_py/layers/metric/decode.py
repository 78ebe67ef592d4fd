"""Decode: distances of encodings to the centroids of the labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mycaffe_py.kernels.losses.centroids import (
    NO_DISTANCE,
    learn_centroids,
    nearest_kept_distances,
    squared_distances,
)
from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    ParamBlob,
    register,
)
from mycaffe_py.layers.labels import as_rows, first_labels, read_labels
from mycaffe_py.layers.metric.centroid_state import (
    CentroidState,
    check_label_rows,
    feature_count,
    label_count,
    state_blobs,
)
from mycaffe_py.layers.metric.pregenerated import pregenerate
from mycaffe_py.layers.metric.pregenerated import spread_points as spread_points
from mycaffe_py.proto.mycaffe_pb2 import TRAIN
from mycaffe_py.proto.mycaffe_pb2 import DecodeParameter as Options


@dataclass(frozen=True)
class DecodeFacts:
    """`capacity`: items after which a label is complete; `wait_items`: before top 1 speaks.

    `absent`: numbers that no item of the data set has, so that none of them is waited for.
    """

    target: int
    learns: bool
    capacity: int
    wait_items: int
    k: int
    pregen_alpha: float
    ignored: tuple[int, ...]
    absent: tuple[int, ...] = ()


@register
class Decode(Layer[DecodeFacts]):
    """Squared distance of each encoding to the centroid of each label; the smallest wins.

    Formula:
        y_nl = |x_n - c_l|^2. In TRAIN, with the rows of the batch in order, the centroid of a
        row's first label first moves by c += (x - c) / min(n, cap), x being its n-th item: the
        mean of the first cap = N * cache_size items, then a moving average. A label is complete
        (status 1) with its cap-th item. The distances are those to the centroids after the batch.
        target KNN: y_nl is the mean of the k smallest squared distances to the newest items of
        the label (as many as the encodings blob can hold); in TRAIN to those of earlier
        batches, so that no row meets itself. Centroids are kept as well.
        target PREGEN: the centroids are random points, fixed by the seed, with pairwise squared
        distances above 2 * pregen_alpha, and are not learned.
        No gradient.
    Shapes:
        x (N, D...) encodings; labels (N), (N, 1) or (N, K...): of a pair's labels the first
        counts; needed in TRAIN. y (N, L). Second top, if any, (L, D, 1, 1): the centroids, once
        all labels are complete and centroid_output_iteration batches were seen (at once when
        they do not move: PREGEN or enable_centroid_update false), zeros before.
        State: centroids (L, D, 1, 1), status and enc_counts (L, 1, 1, 1); KNN: encodings
        (L, N * cache_size, D, 1). L: see decode_param.label_count.
    Source:
        MyCaffe's Decode, whose files load here. Right where MyCaffe is wrong: a label's first
        item enters with full weight (there 1/cap), no weight leaks from one label's row to the
        next, a label is complete with cap items (there one more), all rows are compared with the
        same centroids, KNN completes and works, a label never seen has the largest float32 as its
        distance and so never wins, the size follows from the data set (there from the first
        batch), and the second top depends on saved state only, so a resumed run repeats it.
        In shards of a batch the rows of all shards count, one shard after the other, and N is that
        of the whole batch; the distances of a TRAIN net are then those to the centroids before it.
        Labels in ignore_label neither learn nor win. An output is (N, L), not (N, L, 1, 1).
        Running means lag behind features that move. So all commands that answer or measure with a
        snapshot put the class means of its final features in their place (in that of KNN's kept
        items, such features); the snapshot itself keeps the running ones.
    Example:
        layer {
          name: "decode1" type: "Decode" bottom: "feat" bottom: "sim" top: "decode1"
          decode_param { target: CENTROID cache_size: 100 label_count: 10 }
        }
    """

    type = "Decode"
    answers = "distances"
    bottoms_in_run = 1
    bottom_count = Count(1, 2)
    top_count = Count(1, 2)
    has_backward = False
    no_gradient = (0, 1)
    example = ((4, 3), (4, 2))

    def plan(self, ctx: LayerContext) -> LayerPlan[DecodeFacts]:
        """Distances (N, L), centroids (L, D, 1, 1), state blobs."""
        options = ctx.param.decode_param
        _check_options(ctx)
        pregenerated = options.target == Options.PREGEN
        learns = ctx.phase == TRAIN and options.enable_centroid_update and not pregenerated
        if learns and len(ctx.bottoms) < 2:
            raise ctx.error(
                "no labels",
                at=("bottom", 0),
                wanted="in TRAIN a second bottom says whose centroid each row enters",
            )
        if learns:
            check_label_rows(ctx)
        features = feature_count(ctx)
        labels = label_count(ctx, options.pregen_label_count if pregenerated else 0)
        rows = ctx.shapes[0][0]
        params = state_blobs(labels, features)
        if options.target == Options.KNN:
            params = (*params, _kept_blob(ctx, labels, features))
        moving = options.enable_centroid_update and not pregenerated
        facts = DecodeFacts(
            target=options.target,
            learns=learns,
            capacity=rows * ctx.cut.shards * options.cache_size,
            wait_items=rows * ctx.cut.shards * options.centroid_output_iteration if moving else 0,
            k=options.k,
            pregen_alpha=options.pregen_alpha,
            ignored=tuple(options.ignore_label),
            absent=_absent(ctx, labels),
        )
        tops = (BlobSpec((rows, labels)), BlobSpec((labels, features, 1, 1)))
        return LayerPlan(tops=tops[: ctx.top_count], params=params, facts=facts)

    def plan_again(
        self, ctx: LayerContext, before: LayerPlan[DecodeFacts]
    ) -> LayerPlan[DecodeFacts]:
        """A batch without rows changes nothing: neither centroids nor how fast they move."""
        plan = self.plan(ctx)
        return plan if ctx.shapes[0][0] else replace(plan, facts=before.facts)

    def forward(self, io: LayerIO[DecodeFacts]) -> None:
        """Learn in TRAIN, then measure (KNN: the other way round)."""
        facts = io.facts
        state = CentroidState.of(io)
        if io.phase == TRAIN and facts.target == Options.PREGEN:
            pregenerate(io, state, io.facts.pregen_alpha)
        elif io.phase == TRAIN and not facts.learns:
            state.status[...] = 1
        if facts.target == Options.KNN:
            self._measure(io, state)
        if facts.learns and not io.run.learns_later:
            self.learn(io, [self.observed(io)])
        if facts.target != Options.KNN:
            self._measure(io, state)
        if len(io.tops) > 1:
            io.tops[1][...] = io.params[0] if _ready(facts, state) else 0

    def observed(self, io: LayerIO[DecodeFacts]) -> tuple[Array, ...]:
        """Encodings, their labels, and which of them count."""
        if not io.facts.learns:
            return ()
        count = len(io.params[0])
        labels, counted = read_labels(
            io,
            first_labels(io.bottoms[1]),
            count,
            io.facts.ignored,
            because=f"there are centroids for {count} labels",
            exact=True,
        )
        return as_rows(io.bottoms[0]), labels, counted

    def learn(self, io: LayerIO[DecodeFacts], observed: Sequence[tuple[Array, ...]]) -> None:
        """Move the centroids by the rows in their order."""
        state = CentroidState.of(io)
        kept, most = _kept(io, state), io.facts.capacity
        for rows in observed:
            learn_centroids(*rows, most, kept, state.centroids, state.status, state.counts)

    def _measure(self, io: LayerIO[DecodeFacts], state: CentroidState) -> None:
        facts = io.facts
        x = as_rows(io.bottoms[0])
        if facts.target == Options.KNN:
            kept = _kept(io, state)
            nearest_kept_distances(x, kept, state.counts, facts.k, io.tops[0])
        else:
            squared_distances(x, state.centroids, state.counts, io.tops[0])
        for label in (*facts.ignored, *facts.absent):
            if 0 <= label < len(state.counts):
                io.tops[0][:, label] = NO_DISTANCE


def _check_options(ctx: LayerContext) -> None:
    options = ctx.param.decode_param
    for name, least in (("cache_size", 1), ("k", 1), ("centroid_output_iteration", 0)):
        value = getattr(options, name)
        if value < least:
            raise ctx.error(f"{name} {value}", at=("decode_param", name), wanted=f"{least} or more")
    if options.target == Options.PREGEN and options.pregen_alpha <= 0:
        raise ctx.error(
            f"pregen_alpha {options.pregen_alpha:g}",
            at=("decode_param", "pregen_alpha"),
            wanted="more than 0: targets lie more than 2 * pregen_alpha (squared) apart",
        )


def _kept_blob(ctx: LayerContext, labels: int, features: int) -> ParamBlob:
    """The blob of the newest encodings of each label, shaped as in stored weights if these fit."""
    if ctx.stored and len(ctx.stored) > 3:
        shape = ctx.stored[3]
        if len(shape) == 4 and shape[0] == labels and shape[2] == features:
            return ParamBlob(shape, learned=False)
    slots = ctx.shapes[0][0] * ctx.cut.shards * ctx.param.decode_param.cache_size
    return ParamBlob((labels, slots, features, 1), learned=False)


def _kept(io: LayerIO[DecodeFacts], state: CentroidState) -> Array:
    """The encodings blob as (L, slots, D); 0 slots without KNN."""
    labels, features = state.centroids.shape
    if io.facts.target != Options.KNN:
        return np.empty((labels, 0, features), state.centroids.dtype)
    return io.params[3].reshape(labels, -1, features)


def _absent(ctx: LayerContext, labels: int) -> tuple[int, ...]:
    """Numbers without a class, as the data set of the net that learns says; () if it says none."""
    if ctx.phase == TRAIN:
        present = ctx.bottoms[1].labels if len(ctx.bottoms) > 1 else ()
    else:
        present = tuple(ctx.learned.get("", ()))
    return tuple(sorted(set(range(labels)) - set(present))) if present else ()


def _ready(facts: DecodeFacts, state: CentroidState) -> bool:
    """Whether the centroids may be shown: all complete, and enough batches seen."""
    wanted = np.ones(len(state.status), np.bool_)
    left_out = (*facts.ignored, *facts.absent)
    wanted[[label for label in left_out if 0 <= label < len(wanted)]] = False
    complete = bool((state.status[wanted] == 1).all())
    return complete and float(state.counts.sum(dtype=np.float64)) >= facts.wait_items
