"""The nets of a job: the TRAIN net, and TEST nets that work on its parameters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.model import Graph
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.layers.base import Shape
from mycaffe_py.solver.debug_info import DebugLines, Say, speaking
from mycaffe_py.solver.labels import learned_names, unlearned
from mycaffe_py.solver.texts import Job

# Covariant: nets of a class derived from Net may stand for nets.
N = TypeVar("N", bound=Net, covariant=True)


@dataclass(frozen=True)
class Nets(Generic[N]):
    """The nets of a job. With debug_info they send lines about each array to `debug`."""

    train: N
    tests: Sequence[N]
    debug: DebugLines | None = None


def build_nets(job: Job, seed: int) -> Nets[Net]:
    """The nets of `job`, with weights from streams of `seed`."""
    say = DebugLines() if job.solver.debug_info else None
    train = build_train_net(job, seed, say)
    return Nets(train, build_test_nets(job, seed, train, say), say)


def build_train_net(job: Job, seed: int, say: Say | None = None) -> Net:
    """The net that learns, its weights filled from streams of `seed`.

    With `say` it is Caffe's net, not an optimised one, and tells of every array (debug_info).
    """
    text = job.train
    passes = () if say else ALL_PASSES
    graph = compile_net(text, seed=seed, passes=passes)
    net = Net(speaking(graph, say) if say else graph, seed=seed)
    check_learns(net.graph, text)
    return net


def check_learns(graph: Graph, text: NetText) -> None:
    """Errors: the graph of `text`, the TRAIN net, has nothing to learn."""
    reached = any(node.has_loss and node.backward for node in graph.nodes)
    if not reached or not graph.params:
        raise UserError(
            f"the TRAIN net '{graph.name}' has no loss that reaches a parameter",
            where=text.where.at(),
            wanted="there is nothing to learn",
            do="Add a loss layer, or check its include rules and the lr_mult of all parameters.",
        )


def build_test_nets(job: Job, seed: int, train: Net, say: Say | None = None) -> list[Net]:
    """One net for each entry of test_iter; parameters of one name and place are shared."""
    stored = param_shapes(train.graph)
    learned = learned_names(train.graph)
    nets = []
    for text in job.tests:
        graph = compile_net(
            text,
            seed=seed,
            stored=stored,
            passes=() if say else ALL_PASSES,
            backward=False,
            learned=learned,
        )
        _check_shared(graph, train.graph)
        net = Net(speaking(graph, say) if say else graph, seed=seed, share=train.params)
        net.run.unlearned = unlearned(graph)
        nets.append(net)
    return nets


def runs_code(graph: Graph) -> bool:
    """Whether a layer is the user's code, whose objects may remember a batch until the next."""
    return any(node.context.param.HasField("python_param") for node in graph.nodes)


def param_shapes(graph: Graph) -> dict[str, list[Shape]]:
    """The shapes of all parameters, by layer name, sharers included."""
    shapes: dict[str, dict[int, Shape]] = defaultdict(dict)
    for param in graph.params.values():
        for key in param.keys:
            shapes[key.layer][key.number] = param.shape
    return {layer: [found[i] for i in sorted(found)] for layer, found in shapes.items()}


def _check_shared(test: Graph, train: Graph) -> None:
    """Check that layers of one name have equal shapes; if not, TEST would use unlearned weights."""
    shapes = param_shapes(train)
    for layer, found in param_shapes(test).items():
        if layer in shapes and found != shapes[layer]:
            raise UserError(
                f"layer '{layer}' has parameters {found} in the TEST net and {shapes[layer]} "
                "in the TRAIN net",
                where=test.node(layer).context.where.at("name"),
                wanted="layers of one name share their parameters, so the shapes must agree",
                do="Give both the same sizes, or rename one of them.",
            )
