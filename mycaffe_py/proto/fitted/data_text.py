"""The Data layers in words: batches for learning with random changes, and for measuring."""

from __future__ import annotations

from mycaffe_py.proto.fitted.data_facts import DataFacts

_BYTES = "    scale: 0.00390625               # 1/256: pixels 0-255 become 0-1\n"


def transform(facts: DataFacts, train: bool) -> str:
    """The transform_param, "" where there is nothing to do."""
    if not facts.pictures:
        return ""
    changes = _augment(facts) if train else ""
    mean = "    mean_value: 127                 # so that values lie around 0\n"
    return f"  transform_param {{\n{_BYTES}{mean if facts.colour else ''}{changes}  }}\n"


def _augment(facts: DataFacts) -> str:
    """Random changes: moves for all pictures, mirroring and other colours for those in colour."""
    shift = max(1, round(facts.side / (8 if facts.colour else 14)))
    rows = [(f"shift: {shift}", f"up to {shift} pixels to each side")]
    if facts.colour:
        rows += [
            ("rotate: 25", "up to 25 degrees to either side"),
            ("zoom: 0.25", "0.75 to 1.25 times its size"),
            ("stretch: 0.25", "as much wider or narrower"),
            ("flip: 0.5", "every second one left to right; 0 for letters and digits"),
            ("brightness: 0.3", "all colours 0.7 to 1.3 times as bright"),
            ("color: 0.3", "and red, green and blue each"),
            ("hue: 40", "turned up to 40 degrees round the colour wheel"),
            ("saturation: 0.9", "0.1 to 1.9 times as strong: shape has to tell, too"),
        ]
    else:
        rows += [
            ("rotate: 10", "up to 10 degrees to either side"),
            ("zoom: 0.1", "0.9 to 1.1 times its size"),
        ]
    if facts.ground:
        rows.append((f"fill_value: {facts.ground}", "of the pixels that come in from outside"))
    lines = "".join(f"      {setting:<30}# {told}\n" for setting, told in rows)
    return (
        f"{'    augment_param {':<36}# each picture a little different each time\n{lines}    }}\n"
    )
