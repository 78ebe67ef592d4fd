"""From layer texts to nodes with shapes: the first pass, in file order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mycaffe_py.data.batch_feed import BatchFeed
from mycaffe_py.data.label_match import LearnedNames
from mycaffe_py.data.opening import RUNNING, NeedsConsentError, Opening
from mycaffe_py.data.shards.cut import WHOLE, Cut
from mycaffe_py.errors import UserError
from mycaffe_py.graph.check_names import check_bottoms
from mycaffe_py.graph.in_place import cannot_work_in_place
from mycaffe_py.graph.in_step import leaders
from mycaffe_py.graph.left_out import LeftOut
from mycaffe_py.graph.model import Graph, Located, Node
from mycaffe_py.graph.share import behind_splits, find_partner, splits_of
from mycaffe_py.graph.sizes import check_sizes
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerPlan, Shape
from mycaffe_py.layers.data.fed_layer import feed_of
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter

AUTOMATIC = "(automatic)"


class _Builder:
    """Walks the layers once and knows which blobs exist so far."""

    def __init__(
        self,
        phase: int,
        seed: int,
        stored: Mapping[str, Sequence[Shape]],
        learned: LearnedNames,
        opening: Opening,
        leaders: Mapping[str, str],
        cut: Cut,
    ) -> None:
        self.phase = phase
        self.cut = cut
        self.leaders = leaders
        self.feeds: dict[str, BatchFeed] = {}
        self.opening = opening
        self.seed = seed
        self.learned = learned
        self.stored = stored
        self.blobs: dict[str, BlobSpec] = {}
        self.producer: dict[str, Located] = {}
        self.unread: set[str] = set()
        self.nodes: list[Node] = []
        self.splits: dict[str, str] = {}
        self.left_out = LeftOut()

    def add(self, located: Located) -> None:
        """Append the node of one layer."""
        param, where = located.param, located.where
        layer = layer_types.get(param.type, where.at("type"))
        self._check_counts(layer, located)
        if self.left_out.reads(param):
            self._leave_out(layer, param)
            return
        bottoms = tuple(self._bottom(located, i) for i in range(len(param.bottom)))
        tops = self._top_names(layer, located)
        ctx = LayerContext(
            param=param,
            phase=param.phase if param.HasField("phase") else self.phase,
            bottoms=bottoms,
            where=where,
            stored=self._stored(layer, param),
            seed=self.seed,
            top_count=len(tops),
            written=tuple(behind_splits(name, self.splits) for name in param.bottom),
            learned=self.learned,
            opening=self.opening,
            leader=self.feeds.get(self.leaders.get(param.name, "")),
            cut=self.cut,
        )
        try:
            plan = layer.plan(ctx)
        except NeedsConsentError as refusal:
            if not self.opening.leaves_out:
                raise
            self._leave_out(layer, param, str(refusal))
            return
        feed = feed_of(plan.facts)
        if feed is not None:
            self.feeds[param.name] = feed
        check_sizes(ctx, tops, plan)
        self._define(located, layer, plan, tops)
        weights = _loss_weights(layer, ctx, len(tops))
        node = Node(param.name, layer, ctx, plan, tuple(param.bottom), tops, weights)
        self.nodes.append(node)
        self.splits |= splits_of([node])

    def _leave_out(self, layer: Layer, param: LayerParameter, why: str = "") -> None:
        """Leave a layer out; its bottoms still count as read, under the names of the text."""
        self.unread.difference_update(param.bottom)
        written = [behind_splits(name, self.splits) for name in param.bottom]
        self.left_out.add(param, layer.type, written, len(self.nodes), why)

    def _stored(self, layer: Layer, param: LayerParameter) -> tuple[Shape, ...] | None:
        """Parameter shapes known beforehand: of the weights, or of the layer it shares with."""
        if param.name in self.stored:
            return tuple(self.stored[param.name])
        if not layer.shares_params_with:
            return None
        partner = find_partner(layer, param.bottom[0], self.nodes)
        return tuple(blob.shape for blob in partner.plan.params) if partner else None

    def _check_counts(self, layer: Layer, located: Located) -> None:
        param = located.param
        for what, wanted, names in (
            ("bottom", layer.bottom_count, param.bottom),
            ("top", layer.top_count, param.top),
        ):
            automatic = layer.is_loss and what == "top" and len(names) < wanted.least
            if not wanted.allows(len(names)) and not automatic:
                told = ", ".join(behind_splits(name, self.splits) for name in names)
                raise UserError(
                    f"layer '{param.name}' ({layer.type}) has {len(names)} {what}s"
                    + (f" ({told})" if names else ""),
                    where=located.where.at(what, 0),
                    wanted=f"it takes {wanted}",
                )
        if layer.tops_match_bottoms and len(param.bottom) != len(param.top):
            raise UserError(
                f"layer '{param.name}' ({layer.type}) has {len(param.bottom)} bottoms "
                f"and {len(param.top)} tops",
                where=located.where.at("top", 0),
                wanted="it makes one top of each bottom",
            )

    def _bottom(self, located: Located, index: int) -> BlobSpec:
        name = located.param.bottom[index]
        self.unread.discard(name)
        return self.blobs[name]

    def _top_names(self, layer: Layer, located: Located) -> tuple[str, ...]:
        names = list(located.param.top)
        while layer.is_loss and len(names) < layer.top_count.least:
            names.append(f"{AUTOMATIC} {located.param.name}")
        for index, name in enumerate(names):
            over = index < len(located.param.bottom) and located.param.bottom[index] == name
            if over and not (layer.may_be_in_place or layer.forward_in_place):
                raise cannot_work_in_place(located.param, located.where, index)
            if not over and name in self.blobs:
                first = self.producer[name]
                raise UserError(
                    f"layer '{located.param.name}' ({layer.type}): top '{name}' is already made by "
                    f"layer '{first.param.name}' ({first.where.at('top')})",
                    where=located.where.at("top", index),
                    wanted="each blob has one producer"
                    + _in_place_hint(name, located.param.bottom),
                    do="Give the top a name of its own.",
                )
        return tuple(names)

    def _define(
        self, located: Located, layer: Layer, plan: LayerPlan, tops: tuple[str, ...]
    ) -> None:
        for index, (name, spec) in enumerate(zip(tops, plan.tops, strict=True)):
            if name in self.blobs and self.blobs[name].shape != spec.shape:
                raise cannot_work_in_place(
                    located.param, located.where, index, f"its top is {spec.shape}"
                )
            if any(extent < 0 for extent in spec.shape):
                raise RuntimeError(f"{layer.type} planned a top of shape {spec.shape}")
            self.blobs[name] = spec
            self.producer[name] = located
            if not name.startswith(AUTOMATIC):
                self.unread.add(name)


def _in_place_hint(name: str, bottoms: Sequence[str]) -> str:
    """What to tell of a layer that works in place on a blob with a second reader.

    Caffe puts a Split layer there, so that the name means another blob from there on.
    """
    if any(bottom.startswith(f"{name}_") and "_split_" in bottom for bottom in bottoms):
        return f", and '{name}' is also read by another layer, which must not see it overwritten"
    return ""


def _loss_weights(layer: Layer, ctx: LayerContext, top_count: int) -> tuple[float, ...]:
    """One weight a top: those in the text, else 1 for a loss layer's first top.

    A single weight for several tops leaves the others at 0.
    """
    given = list(ctx.param.loss_weight)
    if given and len(given) != top_count and not (layer.is_loss and len(given) == 1):
        raise ctx.error(
            f"{len(given)} loss_weight entries for {top_count} tops",
            at=("loss_weight", 0),
            wanted="one for each top",
        )
    if not given and layer.is_loss:
        given = [1.0]
    return tuple(given + [0.0] * (top_count - len(given)))


def build(
    name: str,
    layers: Sequence[Located],
    phase: int,
    *,
    seed: int = 0,
    stored: Mapping[str, Sequence[Shape]] | None = None,
    learned: LearnedNames | None = None,
    where: Locations | None = None,
    opening: Opening = RUNNING,
    cut: Cut = WHOLE,
) -> Graph:
    """Make the graph of `layers`, which already have their Split layers.

    `stored` maps layer names to the shapes of weights about to be loaded, `learned` the data layers
    of the TRAIN net to the names of their classes; `where` are the places of the whole net, and
    `opening` says what planning may do: layers that need more may be left out. Data layers bring
    one shard of `cut`.
    """
    check_bottoms(layers, where or Locations.none())
    builder = _Builder(phase, seed, stored or {}, learned or {}, opening, leaders(layers), cut)
    for located in layers:
        builder.add(located)
    inputs = tuple(top for n in builder.nodes if n.layer.type == "Input" for top in n.tops)
    return Graph(
        name=name,
        phase=phase,
        nodes=tuple(builder.nodes),
        blobs=builder.blobs,
        params={},
        inputs=inputs,
        outputs=tuple(sorted(builder.unread)),
        notes=(f"build: {len(builder.nodes)} layers, {len(builder.blobs)} blobs",),
        unknown=tuple(builder.left_out.layers),
    )
