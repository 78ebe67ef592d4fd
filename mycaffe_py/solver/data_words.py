"""What a run says at its start of the data it learns from and is tested on."""

from __future__ import annotations

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.batch_feed import BatchFeed
from mycaffe_py.data.doubles import find_doubles
from mycaffe_py.data.feature_tables.feature_table import FeatureTable
from mycaffe_py.data.label_match import Matched, aside_words, listed
from mycaffe_py.data.plural import plural
from mycaffe_py.data.selection.class_batches import ClassBatches
from mycaffe_py.data.selection.following import SameLabels, SameRecords
from mycaffe_py.data.selection.selection import Selection
from mycaffe_py.engine.net import Net
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.layers.data.fed_layer import feed_of
from mycaffe_py.layers.loss.contrastive_options import TWO_BOTTOMS, ContrastiveFacts
from mycaffe_py.proto.mycaffe_pb2 import ContrastiveLossParameter
from mycaffe_py.solver.hooks.hook import Run
from mycaffe_py.solver.labels import matches

# Larger sets are compared when they are made, not each time they are trained on.
_QUICK_BYTES = 1 << 30


def data_lines(solver: Run) -> list[str]:
    """Lines on classes that only TEST has, classes of few images, images that both nets read."""
    lines = []
    for net in solver.test_nets:
        lines += tested_lines(net.graph)
        lines += [line for feed in _feeds(net) for line in _number_lines(feed)]
    for feed in _feeds(solver.net):
        lines += _single_lines(feed)
    for node in solver.net.graph.nodes:
        lines += _scarce_lines(feed_of(node.plan.facts))
        if isinstance(node.plan.facts, ContrastiveFacts):
            lines += _unread_lines(node, node.plan.facts)
    tested = [source for net in solver.test_nets for source in _sources(net)]
    for source in _sources(solver.net):
        lines += _shared_lines(source, tested)
    return list(dict.fromkeys(lines))


def _unread_lines(node: Node, facts: ContrastiveFacts) -> list[str]:
    """A line if the loss has a fourth bottom and no option that makes it read this bottom."""
    asked = facts.learning != ContrastiveLossParameter.NONE or facts.similarity == TWO_BOTTOMS
    names = node.context.param.bottom
    if asked or len(names) < 4:
        return []
    return [
        f"Layer '{node.name}' (ContrastiveLoss) does not use its fourth bottom '{names[3]}': "
        "centroids count with centroid_learning: MATCHING, NONMATCHING or ALL."
    ]


def tested_lines(test: Graph) -> list[str]:
    """Lines on how the classes of a TEST net's data were matched with those that were learned."""
    return [line for _, matched in matches(test) for line in _matched_lines(matched)]


def _feeds(net: Net) -> list[BatchFeed]:
    found = (feed_of(node.plan.facts) for node in net.graph.nodes)
    return [feed for feed in found if feed is not None]


def _sources(net: Net) -> list[ArraySource]:
    """The data sets that the layers of `net` read."""
    return [feed.source for feed in _feeds(net) if feed.source is not None]


def _matched_lines(matched: Matched) -> list[str]:
    source, lines = matched.source, []
    others = aside_words(matched.aside, source.word) if matched.aside else ""
    if matched.whole:
        but = "of the other classes alone" if matched.known else "not measured"
        lines.append(
            f"TEST data: {others} in {source.name} are of none that TRAIN learns: losses compare "
            f"them like all others, accuracy is {but}."
        )
    elif others:
        lines.append(
            f"TEST data: {others} in {source.name} are set aside: TRAIN learns no such class."
        )
    if matched.moved:
        lines.append(
            f"TEST data: {source.name} numbers its classes otherwise than TRAIN; they are matched "
            "by name."
        )
    return lines


def _number_lines(feed: BatchFeed) -> list[str]:
    """Where labels with names were taken by number."""
    source = feed.source
    if source is None or not feed.classes or feed.matched is not None:
        return []
    # A layer in step with another one has the numbers of that one's classes, matched by name.
    if isinstance(feed.choice, SameLabels | SameRecords):
        return []
    if all(name == str(label) for label, name in source.label_names.items()):
        return []
    return [
        f"TEST data: the labels of {source.name} are taken by number: TRAIN's have no names, "
        "or are of several data sets that differ."
    ]


def _single_lines(feed: BatchFeed) -> list[str]:
    """Classes with one image, which is in no pair of its own class."""
    choice, source = feed.choice, feed.source
    singles = choice.singles if isinstance(choice, Selection) and choice.matches else []
    if source is None or not singles:
        return []
    names = listed([source.label_names.get(label, str(label)) for label in singles])
    have = "has" if len(singles) == 1 else "have"
    return [
        f"TRAIN data: {len(singles):,} {plural(len(singles), 'class')} ({names}) {have} one "
        f"{source.word} only, and no pair of {'its' if len(singles) == 1 else 'their'} own: "
        "used in unlike pairs."
    ]


def _scarce_lines(feed: BatchFeed | None) -> list[str]:
    """A line if a class has fewer images than a batch takes of each class."""
    choice = None if feed is None else feed.choice
    scarce = choice.scarce if isinstance(choice, ClassBatches) else ""
    return [f"TRAIN data: {scarce}."] if scarce else []


def _shared_lines(learned: ArraySource, tested: list[ArraySource]) -> list[str]:
    """Lines if TEST reads the images that TRAIN learns from, in the same source or in another."""
    if any(source.checksum == learned.checksum for source in tested):
        return [
            f"TEST data are those that TRAIN learns from ({learned.name}): their figures say "
            "nothing about new ones."
        ]
    if isinstance(learned, FeatureTable):
        return []
    # Two layers of a net may read one source: it has no doubles in itself for that.
    others = {one.checksum: one for one in tested if not isinstance(one, FeatureTable)}.values()
    if sum(source.stored_bytes for source in (learned, *others)) > _QUICK_BYTES:
        return []
    return find_doubles(learned, *others).lines()
