"""The layers of the reference, a page for each family, from their docstrings and the proto."""

from __future__ import annotations

import re
from functools import cache
from textwrap import dedent

from docs_build.fields import fields_table
from docs_build.written import NOTE, PART, Page, cell, fence, table
from mycaffe_py.graph.told.layer_card import LayerCard, layer_card
from mycaffe_py.graph.told.layer_families import families

MESSAGE = re.compile(r"^message (\w+) \{", re.MULTILINE)


def layers_page() -> str:
    """All layer types by family, each with its first sentence."""
    lines = [NOTE, "# Layers\n"]
    count = sum(len(names) for names in families().values())
    lines += [
        f"{count} types, by the family they belong to. `mycaffe explain layer NAME` prints what "
        "stands here.\n"
    ]
    for family, names in families().items():
        rows = [
            (f"[{name}]({_file(family)}#{name.lower()})", cell(_first(layer_card(name))))
            for name in names
        ]
        lines += [f"## {_title(family)}\n", table(("type", "what it does"), rows)]
    return "\n".join([*lines, "Next: [the fields of model texts](model.md).\n"])


@cache
def family_pages() -> tuple[Page, ...]:
    """A page for each family."""
    found = list(families().items())
    pages = []
    for number, (family, names) in enumerate(found):
        parts = [NOTE, f"# {_title(family)} layers\n", *(_told(layer_card(n)) for n in names)]
        if number + 1 < len(found):
            after = found[number + 1][0]
            parts.append(f"Next: [{after} layers]({_file(after)}).\n")
        else:
            parts.append("Next: [the fields of model texts](model.md).\n")
        path = f"reference/{_file(family)}"
        pages.append(Page(path, _title(family), "\n".join(parts)))
    return tuple(pages)


def _file(family: str) -> str:
    return f"layers_{family}.md"


def _title(family: str) -> str:
    return family.capitalize()


def _first(card: LayerCard) -> str:
    return " ".join(card.about.partition("\n\n")[0].split())


def _told(card: LayerCard) -> str:
    lines = [f"## {card.type}\n"]
    if card.spellings:
        lines.append(f"Also written {', '.join(f'`{name}`' for name in card.spellings)}.\n")
    words = PART.sub("", card.about).strip()
    lines += [f"{cell(part)}\n" for part in words.split("\n\n") if part.strip()]
    parts = dict(PART.findall(card.about + "\n"))
    for name in ("Formula", "Shapes"):
        if name in parts:
            lines += [f"**{name}**\n", fence(dedent(parts[name]))]
    facts = [f"Bottoms: {card.bottoms}.", f"Tops: {card.tops}."]
    facts += [f"It {fact}." for fact in card.facts]
    lines.append(cell(" ".join(facts)) + "\n")
    if "Example" in parts:
        lines += ["**Example**\n", fence(dedent(parts["Example"]))]
    for field, text in card.options.items():
        found = MESSAGE.search(text)
        if found:
            lines += [f"**{field}**\n".replace("_", "\\_"), fields_table(found[1])]
    if "Source" in parts:
        lines += [f"**Source**\n\n{cell(' '.join(parts['Source'].split()))}\n"]
    return "\n".join(lines)
