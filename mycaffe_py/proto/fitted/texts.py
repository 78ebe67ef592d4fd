"""Model and solver texts for one data set."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.proto.fitted.data_facts import DataFacts
from mycaffe_py.proto.fitted.siamese_text import siamese_text
from mycaffe_py.proto.fitted.sizes import Sizes, sizes_of
from mycaffe_py.proto.fitted.triplet_text import triplet_text

LOSSES = ("contrastive", "triplet")


@dataclass(frozen=True)
class FittedTexts:
    """Both texts; the solver names the model `name`.prototxt."""

    name: str
    model: str
    solver: str


def fitted_texts(name: str, facts: DataFacts, loss: str = "contrastive") -> FittedTexts:
    """Texts of a Siamese net (`loss` "contrastive") or of a triplet net ("triplet")."""
    sizes = sizes_of(facts, loss == "triplet")
    model = (triplet_text if loss == "triplet" else siamese_text)(name, facts, sizes)
    return FittedTexts(name, model, _solver_text(name, facts, sizes))


def _solver_text(name: str, facts: DataFacts, sizes: Sizes) -> str:
    batches = "1 batch" if sizes.test_iter == 1 else f"{sizes.test_iter} batches"
    tests = f"""
# A test is {batches}: about as many items as there are.
test_interval: {sizes.iterations // 10}
test_iter: {sizes.test_iter}
test_initialization: false
"""
    return f"""\
# How {name} learns: Adam, with a rate that rises for a moment and then falls to nothing.
net: "{name}.prototxt"

# The step: moments of the gradient give every weight a rate of its own.
type: "Adam"
base_lr: 0.001
momentum: 0.9
momentum2: 0.999
delta: 1e-8
weight_decay: 0
# base_lr * (1 - iteration / max_iter) ^ power: small steps at the end settle the points. The first
# steps are small as well, while the moments are not known yet.
lr_policy: "poly"
power: 1
warmup_iter: {sizes.iterations // 20}
warmup_start_lr: 0.0001

max_iter: {sizes.iterations}
display: {sizes.iterations // 20}
{tests if facts.testing else ""}
snapshot: {sizes.iterations // 4}
snapshot_prefix: "snapshots/{name}"
"""
