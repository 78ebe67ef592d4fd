"""Floor 9: what a trained snapshot is worth: reports, marks, thresholds, pictures and designs.

A report is a frozen dataclass: `as_json()` gives it to machines, `lines()` to people.
The commands in cli print it.
"""
