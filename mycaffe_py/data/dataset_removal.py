"""Takes a data set away for good."""

from __future__ import annotations

import shutil

from mycaffe_py.data.dataset_lookup import holder_of, is_built_in
from mycaffe_py.data.image_database.row_files import remove_rows
from mycaffe_py.errors import MyCaffeError, UserError

# What SQLite leaves beside a file that a process was killed at; it must not meet the next file.
_BESIDE = ("-journal", "-wal", "-shm")


def remove_dataset(dataset: str) -> None:
    """Remove the file or folder of `dataset`; of a link only the link.

    Errors: no such data set, one of the package, a file that cannot be removed.
    """
    holder = holder_of(dataset)
    if is_built_in(dataset):
        raise UserError(f"'{dataset}' is built in", wanted="only what was made can be removed")
    if holder is None or not holder.suffix:
        raise UserError(f"there is no dataset '{dataset}'")
    path = holder.path(dataset)
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
            return
        if path.is_symlink():
            path.unlink()
            return
        path.unlink()
        remove_rows(path)
        for ending in _BESIDE:
            path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
    except OSError as error:
        raise MyCaffeError(f"{path} cannot be removed: {error.strerror or error}") from error
