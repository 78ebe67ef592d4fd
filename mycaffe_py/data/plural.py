"""Singular or plural of a noun, by the number of things: 1 image, 2 images."""


def plural(number: int, noun: str) -> str:
    """`noun`, or its plural where `number` is not 1."""
    if number == 1:
        return noun
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"
