"""Floor 6. What a run says at its start of the data it learns from and is tested on."""

from __future__ import annotations

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.choice import Chooses
from mycaffe_py.data.class_batches import ClassBatches
from mycaffe_py.data.doubles import find_doubles
from mycaffe_py.data.feature_table import FeatureTable
from mycaffe_py.data.feed import Feed
from mycaffe_py.data.label_match import Matched, aside_words, listed
from mycaffe_py.data.plural import plural
from mycaffe_py.data.selection import Selection
from mycaffe_py.engine.net import Net
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.layers.contrastive_options import TWO_BOTTOMS, ContrastiveFacts
from mycaffe_py.layers.fed import choice_of, feed_of
from mycaffe_py.proto.mycaffe_pb2 import ContrastiveLossParameter
from mycaffe_py.solver.labels import matches
from mycaffe_py.solver.solver import Solver


def data_lines(solver: Solver) -> list[str]:
    """Classes that TEST knows and TRAIN does not, classes with few images, images in both."""
    lines = []
    for net in solver.test_nets:
        lines += tested_lines(net.graph)
        lines += [_by_number(feed) for feed in _feeds(net) if _unmatched(feed)]
    for feed in _feeds(solver.net):
        lines += _single_lines(feed)
    for node in solver.net.graph.nodes:
        lines += _scarce_lines(choice_of(node.plan.facts))
        if isinstance(node.plan.facts, ContrastiveFacts):
            lines += _unread_lines(node, node.plan.facts)
    learned = [feed.source for feed in _feeds(solver.net)]
    tested = [feed.source for net in solver.test_nets for feed in _feeds(net)]
    for source in learned:
        lines += _shared_lines(source, tested)
    return list(dict.fromkeys(lines))


def _unread_lines(node: Node, facts: ContrastiveFacts) -> list[str]:
    """A fourth bottom that is neither labels nor, as nobody asks for them, centroids."""
    asked = facts.learning != ContrastiveLossParameter.NONE or facts.similarity == TWO_BOTTOMS
    names = node.context.param.bottom
    if asked or len(names) < 4:
        return []
    return [
        f"Layer '{node.name}' (ContrastiveLoss) does not use its fourth bottom '{names[3]}': "
        "centroids count with centroid_learning: MATCHING, NONMATCHING or ALL."
    ]


def tested_lines(test: Graph) -> list[str]:
    """How the classes of a TEST net's data meet those that were learned."""
    return [line for _, matched in matches(test) for line in _matched_lines(matched)]


def _feeds(net: Net) -> list[Feed]:
    found = (feed_of(node.plan.facts) for node in net.graph.nodes)
    return [feed for feed in found if feed is not None]


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


def _unmatched(feed: Feed) -> bool:
    """Whether labels with names were taken by number."""
    named = any(name != str(label) for label, name in feed.source.label_names.items())
    return feed.tells_classes and feed.matched is None and named


def _by_number(feed: Feed) -> str:
    return (
        f"TEST data: the labels of {feed.source.name} are taken by number: TRAIN's have no names, "
        "or are of several data sets that differ."
    )


def _single_lines(feed: Feed) -> list[str]:
    choice = feed.selection
    singles = choice.singles if isinstance(choice, Selection) and choice.matches else []
    if not singles:
        return []
    names = listed([feed.source.label_names.get(label, str(label)) for label in singles])
    have = "has" if len(singles) == 1 else "have"
    return [
        f"TRAIN data: {len(singles):,} {plural(len(singles), 'class')} ({names}) {have} one "
        f"{feed.source.word} only, and no pair of {'its' if len(singles) == 1 else 'their'} own: "
        "used in unlike pairs."
    ]


def _scarce_lines(choice: Chooses | None) -> list[str]:
    """Classes with fewer images than batches of classes take."""
    scarce = choice.scarce if isinstance(choice, ClassBatches) else ""
    return [f"TRAIN data: {scarce}."] if scarce else []


def _shared_lines(learned: ArraySource, tested: list[ArraySource]) -> list[str]:
    """Where TEST reads what TRAIN learns from: the same source, or the same images in another."""
    if any(source.checksum == learned.checksum for source in tested):
        return [
            f"TEST data are those that TRAIN learns from ({learned.name}): their figures say "
            "nothing about new ones."
        ]
    if isinstance(learned, FeatureTable):
        return []
    others = [source for source in tested if not isinstance(source, FeatureTable)]
    return find_doubles(learned, *others).lines()
