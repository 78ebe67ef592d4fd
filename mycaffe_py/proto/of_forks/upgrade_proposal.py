"""The ProposalLayer of py-faster-rcnn, a layer of type Python there, becomes our Proposal.

Its code is known, so nothing has to be imported to run it. python_param stays, which tells whose
defaults hold. A param_str with more in it is that of another layer, and is left alone.
"""

from __future__ import annotations

import re

from mycaffe_py.proto.mycaffe_pb2 import LayerParameter
from mycaffe_py.proto.upgrading import Draft

_MODULE, _CLASS = "rpn.proposal_layer", "ProposalLayer"
_FIELDS = {"feat_stride": "feat_stride", "scales": "scale", "ratios": "ratio"}
_DEFAULTS = {"scales": [8.0, 16.0, 32.0], "ratios": [0.5, 1.0, 2.0]}
# YAML as these texts have it: 'key': 16, or a list, in lines or between commas.
_ENTRY = re.compile(
    r"""['"]?(\w+)['"]?\s*:\s*(?:!!python/tuple\s*)?(\[[\d\s.,]*\]|\([\d\s.,]*\)|[\d.]+)\s*,?"""
)
_NUMBER = re.compile(r"\d+\.?\d*|\.\d+")


def upgrade_proposal(draft: Draft, layer: LayerParameter) -> None:
    """Read that layer as Proposal, where all of its param_str is understood."""
    named = layer.python_param
    if layer.type != "Python" or (named.module, named.layer) != (_MODULE, _CLASS):
        return
    told = _read(named.param_str)
    if told is None or set(told) - set(_FIELDS) or len(told.get("feat_stride", ())) != 1:
        return
    if not told["feat_stride"][0].is_integer():
        return
    options = layer.proposal_param
    options.feat_stride = int(told["feat_stride"][0])
    for key, default in _DEFAULTS.items():
        getattr(options, _FIELDS[key])[:] = told.get(key, default)
    layer.type = "Proposal"
    draft.notes.append(
        f"layer '{layer.name}': {_CLASS} of module {_MODULE} is run as the layer type Proposal, "
        "nothing is imported"
    )


def _read(text: str) -> dict[str, list[float]] | None:
    """The numbers of each key; None where something else is in it."""
    inner = text.strip().removeprefix("{").removesuffix("}")
    if _ENTRY.sub("", inner).strip():
        return None
    return {
        key: [float(number) for number in _NUMBER.findall(value)]
        for key, value in _ENTRY.findall(inner)
    }
