"""Damaged JSON files that still are JSON, mostly: values of other kinds, numbers beyond bounds."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 7.0, 0.5, 2**31, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**30,
    1e39, 1e300, float("inf"), float("nan"), "", "x", "é\0", "\x1b[31m", "\ud800", "\udce9", "-1",
    [], [1], [[]], [None], {}, {"a": 1}, {"1": "x"}, [1, [2]], ["x", 1],
)  # fmt: skip
_TAILS = (b"", b"}", b"\0", b"\n{}", b" " * 5000, b"[" * 5000)
_ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1")
_HUGE = 5000
_LONG = 200

Place = tuple[Any, Any]


def damaged_json(samples: Sequence[bytes], random: Random) -> bytes:
    """One of the samples (JSON objects) with one to five fields changed."""
    value = json.loads(random.choice(samples))
    for _ in range(random.choice((1, 1, 1, 2, 5))):
        value = _changed(value, random)
    text = json.dumps(value, ensure_ascii=random.random() < 0.8)
    if random.random() < 0.1:
        text = _of_text(text, random)
    encoding = random.choice(_ENCODINGS) if random.random() < 0.1 else "utf-8"
    data = text.encode(encoding, "replace")
    if random.random() < 0.05:
        data = data[: random.randrange(len(data) + 1)] + random.choice(_TAILS)
    return data


def _changed(value: Any, random: Random) -> Any:
    places = list(_places(value))
    if not places:
        return random.choice(_VALUES)
    holder, key = random.choice(places)
    change = random.randrange(6)
    if change == 0:
        del holder[key]
    elif change == 1:
        holder[key] = copy.deepcopy(random.choice(places))[0]
    elif change == 2 and isinstance(holder, dict):
        holder[random.choice(("0", "-1", "²", "x\0", "9" * 30, "", str(key) + " "))] = holder[key]
    elif change == 3 and isinstance(holder, list) and len(holder) < _LONG:
        holder.extend([holder[key]] * random.choice((1, 3, 100)))
    else:
        holder[key] = copy.deepcopy(random.choice(_VALUES))
    return value


def _places(value: Any) -> Iterator[Place]:
    """Every field and every item of a list, at any depth."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


def _of_text(text: str, random: Random) -> str:
    """What a dictionary cannot hold: fields twice, deep nesting, numbers of many digits."""
    colon = random.choice([place for place, sign in enumerate(text) if sign == ":"] or [0])
    put = random.choice(
        ("[" * _HUGE, '{"a":' * _HUGE, "9" * _HUGE, "1e999", '1,"seed":2,"format":1,"x":')
    )
    return text[: colon + 1] + put + text[colon + 1 :]
