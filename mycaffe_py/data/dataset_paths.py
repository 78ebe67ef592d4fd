"""Where datasets lie on disk, and how a source is named: "<dataset>.<split>"."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from mycaffe_py.errors import UserError, Where

SUFFIX = ".sqlite"
# A table of features is a folder (data/feature_tables/feature_card.py).
TABLE_SUFFIX = ".features"

_DATASET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def data_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Folder of the datasets: $MYCAFFE_DATA, or the place this system keeps a user's data."""
    chosen = environment.get("MYCAFFE_DATA")
    if chosen:
        return home_expanded(chosen, "MYCAFFE_DATA")
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "mycaffe"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "mycaffe"
    shared = environment.get("XDG_DATA_HOME")
    return (Path(shared) if shared else Path.home() / ".local" / "share") / "mycaffe"


def home_expanded(folder: str, variable: str) -> Path:
    """`folder`, as a variable says, with ~ and ~user in full. Errors: no such user."""
    try:
        return Path(folder).expanduser()
    except RuntimeError as error:
        raise UserError(
            f"{variable} is '{folder}'",
            wanted=f"a folder is wanted, and there is no home of '{Path(folder).parts[0]}' here",
            do=f"Give {variable} a full path.",
        ) from error


def check_dataset_name(name: str, where: Where | None = None) -> str:
    """Return `name`; names with other characters could leave the data folder, so they stop here."""
    if not _DATASET_NAME.fullmatch(name):
        raise UserError(
            f"'{name}' is no dataset name",
            where=where,
            wanted="a name starts with a letter or digit and goes on with letters, digits, _ . -",
        )
    return name


def split_source_name(name: str, where: Where | None = None) -> tuple[str, str]:
    """("MNIST", "training") of "MNIST.training"."""
    dataset, dot, split = name.rpartition(".")
    if not dot or not split:
        raise UserError(
            f"source '{name}' names no split",
            where=where,
            wanted='a source is "<dataset>.<split>", for example "MNIST.training"',
        )
    return check_dataset_name(dataset, where), split


def is_source_name(name: str) -> bool:
    """Whether `name` looks like "<dataset>.<split>" rather than like a path."""
    return "." in name.rstrip(".") and bool(_DATASET_NAME.fullmatch(name))


def dataset_path(dataset: str) -> Path:
    """The SQLite file of `dataset`, there or not."""
    return data_folder() / f"{check_dataset_name(dataset)}{SUFFIX}"


def table_folder(dataset: str) -> Path:
    """The folder of `dataset` where it is a table of features, there or not."""
    return data_folder() / f"{check_dataset_name(dataset)}{TABLE_SUFFIX}"


def names_with(suffix: str) -> list[str]:
    """The datasets in the data folder whose file or folder ends in `suffix`, sorted."""
    folder = data_folder()
    if not folder.is_dir():
        return []
    return sorted(
        path.name.removesuffix(suffix)
        for path in folder.iterdir()
        if path.name.endswith(suffix) and _DATASET_NAME.fullmatch(path.name)
    )
