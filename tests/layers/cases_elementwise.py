"""Settings and variants of the layers that work element by element."""

from __future__ import annotations

from tests.layers.cases import Case, Setting, positive

EXAMPLES = {
    "Log": Setting(bottoms=positive),
    "PReLU": Setting(in_place=False),
}


def _one(kind: str, options: str = "", top: str = "y") -> str:
    return f'layer {{ name: "tried" type: "{kind}" bottom: "x" top: "{top}" {options} }}'


_FILLER = 'filler { type: "uniform" min: 0.1 max: 0.4 }'

CASES = [
    Case("AbsVal 5-D", _one("AbsVal"), [(2, 1, 2, 1, 3)]),
    Case("BNLL 1-D", _one("BNLL"), [(7,)]),
    Case("ELU alpha 0", _one("ELU", "elu_param { alpha: 0 }"), [(3, 4)]),
    Case("ELU alpha -1", _one("ELU", "elu_param { alpha: -1 }"), [(3, 4)], Setting(in_place=False)),
    Case("Exp defaults", _one("Exp"), [(3, 4)]),
    Case("Exp base 1", _one("Exp", "exp_param { base: 1 }"), [(3, 4)]),
    Case("Log defaults", _one("Log"), [(3, 4)], Setting(positive)),
    Case("Power defaults", _one("Power"), [(3, 4)]),
    *(
        Case(
            f"Power {power}",
            _one("Power", f"power_param {{ power: {power} scale: 1.5 }}"),
            [(9,)],
            s,
        )
        for power, s in ((2, Setting()), (3, Setting()), (0, Setting()), (0.5, Setting(positive)))
    ),
    Case(
        "Power -1.5",
        _one("Power", "power_param { power: -1.5 shift: 1 }"),
        [(9,)],
        Setting(positive),
    ),
    Case(
        "Power of a constant", _one("Power", "power_param { power: 2 scale: 0 shift: 3 }"), [(2, 3)]
    ),
    Case("Swish defaults", _one("Swish"), [(3, 4)]),
    Case("PReLU in place", _one("PReLU", top="x"), [(3, 4, 2)]),
    Case(
        "PReLU 2-D",
        _one("PReLU", f"prelu_param {{ {_FILLER} }}"),
        [(3, 4)],
        Setting(in_place=False),
    ),
    Case(
        "PReLU 5-D",
        _one("PReLU", "prelu_param { channel_shared: true }", top="x"),
        [(2, 3, 2, 1, 2)],
    ),
]
