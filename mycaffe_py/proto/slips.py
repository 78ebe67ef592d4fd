"""Advice for an unknown name: it may be misspelt, or belong to another message."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping

from google.protobuf.descriptor import Descriptor

from mycaffe_py.proto.mycaffe_pb2 import LayerParameter, NetParameter

# A ratio of difflib's: one wrong letter in four. Below it, names of forks look like slips.
_ALIKE = 0.75
_LEAST_LETTERS = 4
_MOST_OWNERS = 3
_ENDING = "_param"
_OLD_FIELDS: Mapping[str, str] = {
    "blobs_lr": "param { lr_mult: 1 }",
    "weight_decay": "param { decay_mult: 1 }",
    "blob_share_mode": "param { share_mode: STRICT }",
}


def field_advice(name: str, message: Descriptor) -> str:
    """What to do about the unknown field `name` in `message`; "" when nothing comes near it."""
    if message is LayerParameter.DESCRIPTOR and name in _OLD_FIELDS:
        return f"It is of the old form, 'layers'; here write {_OLD_FIELDS[name]}."
    if name in ("layer", "layers") and message is not NetParameter.DESCRIPTOR:
        return "Is a '}' missing before it?"
    owners = _owners(name, message)
    if owners:
        return f"It belongs inside {' or '.join(owners)}."
    slip = near(name, [field.name for field in message.fields])
    return f"Did you mean '{slip}'?" if slip else ""


def near(name: str, known: Iterable[str]) -> str:
    """The one of `known` that `name` is a slip of, or "".

    Only what is written alike counts: 'bn_param' is no slip of 'mvn_param', nor 'roi_pooling_param'
    of 'pooling_param', which a looser measure took them for.
    """
    stems = {_stem(word): word for word in sorted(known, reverse=True)}
    stem = _stem(name)
    whole = [word for word in stems if len(stem) > 2 and word.startswith(stem)]
    if whole:
        return stems[min(whole, key=lambda word: (len(word), word))]
    alike = difflib.get_close_matches(stem, list(stems), n=1, cutoff=_ALIKE)
    if not alike or len(stem) < _LEAST_LETTERS or _is_longer_name(stem, alike[0]):
        return ""
    return stems[alike[0]]


def _is_longer_name(stem: str, known: str) -> bool:
    """Whether `stem` is `known` with a word before it, so a thing of its own: ROIPooling."""
    return len(stem) > len(known) and stem.endswith(known)


def _stem(name: str) -> str:
    return name.removesuffix(_ENDING).lower()


def _owners(name: str, message: Descriptor) -> list[str]:
    """Fields of `message` that hold a field of this name, when they are few."""
    owners = [
        field.name
        for field in message.fields
        if field.message_type is not None and name in field.message_type.fields_by_name
    ]
    return owners if len(owners) <= _MOST_OWNERS else []


def type_advice(name: str, known: Collection[str]) -> str:
    """What to do about the unknown layer type `name`."""
    slip = near(name, known)
    return f"Did you mean '{slip}'?" if slip else ""
