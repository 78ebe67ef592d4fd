"""What `mycaffe export deploy` writes of a model text or a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mycaffe_py.data.transform.mean_file import write_mean
from mycaffe_py.errors import UserError
from mycaffe_py.export.answer_facts import deploy_facts
from mycaffe_py.export.answers import Known, known_of
from mycaffe_py.export.deploy import Deployed, centroids_left_out, deployed, write_deployed
from mycaffe_py.export.given import Given
from mycaffe_py.export.onnx.facts import comments
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.plain_json import dumps
from mycaffe_py.trained.kept_threshold import read

# Without the words of a snapshot in their name, the newest of which commands look for.
_TEXT, _WEIGHTS, _FACTS, _MEAN = (
    f"deploy{ending}" for ending in (".prototxt", ".caffemodel", ".json", "_mean.binaryproto")
)


@dataclass(frozen=True)
class WrittenDeploy:
    """The text and the weights, files `beside` them, and what is told.

    `left_out` are layers that Caffe does not know, `centroids` those of them whose centroids are in
    the weights all the same; `encoding` is the output with encodings, "" for none.
    """

    files: tuple[Path, ...]
    beside: tuple[Path, ...]
    left_out: tuple[str, ...]
    centroids: tuple[str, ...]
    encoding: str
    threshold: str
    notes: tuple[str, ...]


def write_deploy(
    given: Given,
    folder: Path,
    for_caffe: bool,
    blobs: tuple[str, ...] = (),
    *,
    half: bool = False,
) -> WrittenDeploy:
    """Write the text, its weights and, of a snapshot, what a program must know, into `folder`.

    `half`: the weights in half precision.

    Errors: no weights, a file that is read, no such blob.
    """
    if given.weights is None:
        raise UserError(
            "no weights are given",
            wanted="a net that only runs is worth nothing without",
            do="Add --weights FILE.",
        )
    text, weights = folder / _TEXT, folder / _WEIGHTS
    for path in (text, weights):
        given.check_kept(path)
    given.tell_centroids()
    made = deployed(
        given.text,
        given.weights,
        shapes=given.shapes,
        for_caffe=for_caffe,
        blobs=blobs,
        encoding=given.snapshot is not None and not blobs,
        opening=given.opening,
    )
    beside = centroids_left_out(given.text, given.weights, made.left_out)
    known = Known() if given.snapshot is None else known_of(given.snapshot, read(given.snapshot))
    write_deployed(made, text, weights, comments(given.record), beside, half)
    facts = [] if given.snapshot is None else _write_facts(known, made, folder)
    return WrittenDeploy(
        (text, weights),
        tuple(facts),
        made.left_out,
        tuple(layer.param.name for layer in beside),
        made.encoding,
        "" if known.answers is None else known.answers.threshold.origin,
        known.notes,
    )


def _write_facts(known: Known, made: Deployed, folder: Path) -> list[Path]:
    """Write the facts, and the mean image where there is one."""
    mean = None if known.transform is None else known.transform.settings.mean
    file = None
    if mean is not None and mean.any():
        file = folder / _MEAN
        write_mean(file, np.asarray(mean, np.float32))
    path = folder / _FACTS
    facts = deploy_facts(known, made.net.graph, made.encoding, file)
    write_atomically(path, f"{dumps(facts, indent=1)}\n".encode())
    return [path] if file is None else [path, file]
