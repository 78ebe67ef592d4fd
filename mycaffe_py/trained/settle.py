"""What is made of a snapshot at the end of a run, as long as its data are at hand."""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.errors import MyCaffeError
from mycaffe_py.notices import remark
from mycaffe_py.trained.class_means import means_of
from mycaffe_py.trained.final_weights import final_means
from mycaffe_py.trained.loaded_net import run_graph
from mycaffe_py.trained.snapshot import open_snapshot


def settle_centroids(weights: Path, *, always: bool = False) -> None:
    """Make those of the final features, for all that later asks for classes; a line says so.

    A net without Decode gets its class means when somebody asks; or now, with `always`, because its
    data will be gone by then.
    """
    try:
        # The run itself has run what the texts name.
        snapshot = open_snapshot(weights, run_code=True)
        if snapshot.decodes:
            final_means(snapshot, run_graph(snapshot, 1))
        elif always:
            means_of(snapshot, run_graph(snapshot, 1))
    except MyCaffeError as error:
        remark(f"No centroids of the final features: {error}")
