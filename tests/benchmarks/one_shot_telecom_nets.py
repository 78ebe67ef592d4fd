"""The nets that one_shot_telecom compares: the template, and others in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mycaffe_py.proto.templates import find_text

_TEN = "telecom10."
_THREE = "telecom."
_LOSS = "net.layer.loss.triplet_loss_param."
_WIDTH = 32
# In place of the loss on patterns and mixtures: one on the patterns alone.
_BOTH = 'bottom: "feat"\n  bottom: "label"\n  top: "loss"\n  exclude { phase: RUN }'
_KNOWN = 'bottom: "feat_known"\n  bottom: "known_label"\n  top: "loss"\n  include { phase: TRAIN }'


@dataclass(frozen=True)
class Variant:
    """A row of the table: a template, texts to replace in it, and fields to set."""

    name: str
    template: str = "siamese_lstm_oneshot"
    replaced: tuple[tuple[str, str], ...] = ()
    overrides: tuple[str, ...] = ()

    def texts(self, folder: Path, dataset: str) -> tuple[Path, Path]:
        """Write model and solver that learn from `dataset` into `folder`."""
        model = folder / f"{self.template}.prototxt"
        text = find_text(model.name, "model").read_text()
        for old, new in ((_TEN, f"{dataset}."), (f'"{_THREE}', f'"{dataset}.'), *self.replaced):
            text = text.replace(old, new)
        model.write_text(text)
        solver = folder / f"{self.template}.solver"
        solver.write_text(find_text(solver.name, "solver").read_text())
        return model, solver


def _wide(ends: Sequence[str]) -> tuple[str, ...]:
    """Encodings as wide as the template's in all branches of another one."""
    return tuple(f"net.layer.ip1{end}.inner_product_param.num_output={_WIDTH}" for end in ends)


_UNMIXED = ((_BOTH, _KNOWN),)
_BY_THREE = ("", "_p", "_n")
_CUBE = ('type: "Normalization1"', 'type: "Sigmoid"')

TEMPLATE = Variant("siamese_lstm_oneshot (BATCH_ALL, mixtures)")
GROWTH = {count: Variant(f"siamese_lstm_oneshot, {count} training patterns") for count in (3, 5, 7)}
LOSSES = (
    Variant(
        "BATCH_HARD, plain distance, margin 0.3",
        overrides=(f"{_LOSS}mining=BATCH_HARD", f"{_LOSS}squared=false", f"{_LOSS}margin=0.3"),
    ),
    Variant("BATCH_SEMIHARD", overrides=(f"{_LOSS}mining=BATCH_SEMIHARD",)),
    Variant(
        "BATCH_ALL, LOSSLESS (Sigmoid)", replaced=(_CUBE,), overrides=(f"{_LOSS}variant=LOSSLESS",)
    ),
    Variant("BATCH_ALL without mixtures", replaced=_UNMIXED),
    Variant(
        "triplets, STANDARD (no mining, no mixtures)",
        "siamese_lstm_telecom",
        overrides=(*_wide(_BY_THREE), f"{_LOSS}variant=STANDARD", f"{_LOSS}margin=0.5"),
    ),
    Variant(
        "triplets, LOSSLESS (no mining, no mixtures)",
        "siamese_lstm_telecom",
        overrides=_wide(_BY_THREE),
    ),
    Variant(
        "contrastive pairs (no mixtures)",
        "siamese_lstm_telecom_contrastive",
        overrides=_wide(("", "_p")),
    ),
    Variant("CNN, triplets (no mixtures)", "siamese_cnn_telecom", overrides=_wide(_BY_THREE)),
)
