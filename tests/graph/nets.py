"""Short net texts for the compiler's tests."""

from __future__ import annotations

from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.model import Graph, Located
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State, select
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text

INPUT = 'layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 4 dim: 3 } } }\n'


def inner_product(name: str, bottom: str, top: str, params: str = "", outputs: int = 3) -> str:
    """An InnerProduct layer; `params` are its param entries."""
    return (
        f'layer {{ name: "{name}" type: "InnerProduct" bottom: "{bottom}" top: "{top}" {params} '
        f'inner_product_param {{ num_output: {outputs} weight_filler {{ type: "xavier" }} }} }}\n'
    )


def graph_of(text: str, phase: int = pb.TRAIN, **options: object) -> Graph:
    """Compile `text`, called net.prototxt in errors."""
    parsed = read_text(text, pb.NetParameter, "net.prototxt")
    return compile_net(NetText(parsed.message, parsed.locations, State(phase)), **options)  # type: ignore[arg-type]


def located_of(text: str, phase: int = pb.TRAIN) -> list[Located]:
    """The layers of `text` that are there in `phase`."""
    parsed = read_text(text, pb.NetParameter, "net.prototxt")
    read = NetText(parsed.message, parsed.locations, State(phase))
    return select(read.layers(), read.state)


PAIR = "input_param { shape { dim: 4 dim: 2 dim: 6 dim: 6 } }"


def branch(end: str, bottom: str, *, in_place: bool = True, kind: str = "ReLU") -> str:
    """conv -> pool -> ip -> activation -> feat, all parameters shared by name."""
    act = f"ip{end}" if in_place else f"act{end}"
    return (
        f'layer {{ name: "conv{end}" type: "Convolution" bottom: "{bottom}" top: "conv{end}" '
        'param { name: "cw" } param { name: "cb" } '
        'convolution_param { num_output: 2 kernel_size: 3 weight_filler { type: "xavier" } } }\n'
        f'layer {{ name: "pool{end}" type: "Pooling" bottom: "conv{end}" top: "pool{end}" '
        "pooling_param { kernel_size: 2 stride: 2 } }\n"
        + inner_product(
            f"ip{end}", f"pool{end}", f"ip{end}", 'param { name: "iw" } param { name: "ib" }', 5
        )
        + f'layer {{ name: "act{end}" type: "{kind}" bottom: "ip{end}" top: "{act}" }}\n'
        + inner_product(
            f"feat{end}", act, f"feat{end}", 'param { name: "fw" } param { name: "fb" }', 2
        )
    )


def siamese(**options: object) -> str:
    """A whole Siamese net on 4 pairs of 6x6 pictures."""
    return (
        f'layer {{ name: "pair" type: "Input" top: "pair" {PAIR} }}\n'
        'layer { name: "sim" type: "Input" top: "sim" input_param { shape { dim: 4 } } }\n'
        'layer { name: "slice" type: "Slice" bottom: "pair" top: "a" top: "b" }\n'
        + branch("", "a", **options)  # type: ignore[arg-type]
        + branch("_p", "b", **options)  # type: ignore[arg-type]
        + 'layer { name: "loss" type: "ContrastiveLoss" bottom: "feat" bottom: "feat_p" '
        'bottom: "sim" top: "loss" contrastive_loss_param { margin: 2 } }\n'
    )
