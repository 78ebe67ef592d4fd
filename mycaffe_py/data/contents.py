"""One line that tells what a source holds."""

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.plural import plural


def content_line(source: ArraySource) -> str:
    """ "PETS.training: 8 images (1, 4, 6), 2 labels"; labels without an item do not count."""
    items, labels = len(source), source.class_count
    return (
        f"{source.name}: {items} {plural(items, source.word)} {source.shape}, "
        f"{labels} {plural(labels, 'label')}"
    )
