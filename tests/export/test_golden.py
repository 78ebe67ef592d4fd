"""The recorded cases of a real Caffe, from its text to onnxruntime without a kernel of ours."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.export.exported_net import ExportedNet, exported_net
from mycaffe_py.export.onnx.translate import to_onnx
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text_file
from mycaffe_py.snapshot.run_card import TextCard
from tests.export.opened import Opened

GOLDEN = Path(__file__).parents[1] / "golden"
# Losses and accuracies, which no RUN net has.
REFUSED = {
    "accuracy", "accuracy_topk", "contrastive_legacy", "contrastive_new", "euclidean", "hinge_l1",
    "hinge_l2", "infogain_source", "multinomial_logistic", "net_siamese_small", "sigmoidce",
    "softmaxloss", "softmaxloss_ignore", "softmaxloss_spatial_valid",
}  # fmt: skip
# A file works as in phase TEST, and one that makes nothing is none.
OTHERS = {"batchnorm_train", "batchnorm_scale_train", "silence"}
CASES = sorted(p.parent.name for p in GOLDEN.glob("*/arrays.npz"))


def _plain(case: str, arrays: dict[str, np.ndarray]) -> ExportedNet:
    path = GOLDEN / case / "net.prototxt"
    parsed = read_text_file(path, pb.NetParameter)
    card = TextCard(str(path), path.read_text())
    text = NetText(parsed.message, parsed.locations, State(pb.TEST), card)
    plain = exported_net(text, phase=pb.TEST)
    for name, array in arrays.items():
        kind, _, rest = name.partition("_")
        if kind == "param" and not rest.startswith("after_"):
            layer, _, index = rest.rpartition("_")
            values = plain.net.params.values[f"{layer}[{index}]"]
            values[...] = array.reshape(values.shape)
    return plain


@pytest.mark.parametrize("case", [name for name in CASES if name not in REFUSED | OTHERS])
def test_case(case: str, tmp_path: Path) -> None:
    arrays = dict(np.load(GOLDEN / case / "arrays.npz"))
    file = Opened(_plain(case, arrays), tmp_path / "net.onnx")
    found = file.run({name: arrays[f"in_{name}"] for name in file.inputs})
    compared = 0
    for name, values in found.items():
        wanted = arrays.get(f"out_{name}")
        if wanted is not None:
            scale = max(float(np.abs(wanted).max(initial=0)), 1e-6)
            worst = float(np.abs(values.reshape(wanted.shape) - wanted).max(initial=0))
            assert worst <= 1e-4 * scale, f"{name}: off by {worst:g}, values reach {scale:g}"
            compared += 1
    assert compared, json.loads((GOLDEN / case / "meta.json").read_text())


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_what_only_measures_is_refused(case: str) -> None:
    with pytest.raises(UserError, match="ONNX has nothing that does the same"):
        to_onnx(_plain(case, dict(np.load(GOLDEN / case / "arrays.npz"))))
