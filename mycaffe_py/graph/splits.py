"""A blob read by several layers gets a Split layer behind its producer, as in Caffe.

So every blob has one reader, and its gradient one writer: the Split adds the gradients up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from mycaffe_py.graph.model import Located
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter

Producer = tuple[int, int]


def split_name(blob: str, layer: str, top: int) -> str:
    """Caffe's name of the Split layer behind top number `top` of `layer`."""
    return f"{blob}_{layer}_{top}_split"


def insert_splits(layers: Sequence[Located]) -> list[Located]:
    """Return new layer texts in which no blob has two readers. Unknown bottoms stay as they are."""
    readers, sources = _readers(layers)
    done: list[Located] = []
    handed_out: dict[Producer, int] = {}
    for number, layer in enumerate(layers):
        param = LayerParameter()
        param.CopyFrom(layer.param)
        for index, source in sources[number].items():
            if readers[source] > 1:
                blob = param.bottom[index]
                base = split_name(blob, layers[source[0]].param.name, source[1])
                param.bottom[index] = f"{base}_{handed_out[source]}"
                handed_out[source] += 1
        done.append(Located(param, layer.where))
        for index, blob in enumerate(layer.param.top):
            source = (number, index)
            if readers[source] > 1:
                weight = _explicit_weight(layer.param, index)
                done.append(_split(layer, blob, index, readers[source], weight))
                handed_out[source] = 1 if weight else 0
                if weight:
                    param.loss_weight[index] = 0.0
    return done


def _explicit_weight(param: LayerParameter, top: int) -> float:
    return param.loss_weight[top] if top < len(param.loss_weight) else 0.0


def _readers(
    layers: Sequence[Located],
) -> tuple[dict[Producer, int], list[dict[int, Producer]]]:
    """How many readers each producer has, and the producer of every bottom."""
    latest: dict[str, Producer] = {}
    readers: dict[Producer, int] = defaultdict(int)
    sources: list[dict[int, Producer]] = []
    for number, layer in enumerate(layers):
        known = {i: latest[b] for i, b in enumerate(layer.param.bottom) if b in latest}
        sources.append(known)
        for source in known.values():
            readers[source] += 1
        for index, blob in enumerate(layer.param.top):
            latest[blob] = (number, index)
            if _explicit_weight(layer.param, index):
                readers[number, index] += 1
    return readers, sources


def _split(layer: Located, blob: str, top: int, count: int, weight: float) -> Located:
    base = split_name(blob, layer.param.name, top)
    param = LayerParameter(name=base, type="Split", bottom=[blob])
    param.top.extend(f"{base}_{k}" for k in range(count))
    if weight:
        param.loss_weight.extend([weight] + [0.0] * (count - 1))
    return Located(param, layer.where)
