"""Floor 2. What a source holds, in one line."""

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.plural import plural


def content_line(source: ArraySource) -> str:
    """ "PETS.training: 8 images (1, 4, 6), 2 labels"; labels are those that an item has."""
    items, labels = len(source), source.class_count
    return (
        f"{source.name}: {items} {plural(items, source.word)} {source.shape}, "
        f"{labels} {plural(labels, 'label')}"
    )
