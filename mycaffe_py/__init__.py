"""A pip-installable Caffe, for Siamese networks first.

    import mycaffe_py as mycaffe

    net = mycaffe.load("snapshots/siamese_28x28_iter_8000.caffemodel")
    label, distance, unknown = net.identify(["one.png", "two.png"])

What is listed in `__all__` is the interface for programs. Importing the package imports nothing
else: each name is fetched when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "1.0.0"

# The names for programs, and the modules that have them; __init__.pyi tells their types.
_PLACES = {
    "BlobNet": "api.blob_net",
    "Index": "api.index",
    "MyCaffeError": "errors",
    "TrainedNet": "api.trained_net",
    "UserError": "errors",
    "blob_from_image": "api.picture_blob",
    "blob_from_images": "api.picture_blob",
    "load": "api.load",
    "train": "api.train",
}

__all__ = [
    "BlobNet", "Index", "MyCaffeError", "TrainedNet", "UserError", "__version__",
    "blob_from_image", "blob_from_images", "load", "train",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    found = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
