"""The trusted folders: their owner allowed the texts in them to run the code that they name.

Their list is a small file in the user's data folder; links are resolved.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

from mycaffe_py.data.dataset_paths import data_folder
from mycaffe_py.data.opening import Opening, covered
from mycaffe_py.errors import UserError
from mycaffe_py.files.atomic import write_atomically

_MOST_BYTES = 1 << 20


def opening_of(file: Path, base: Opening, run_code: bool = False) -> Opening:
    """`base`, changed to what may be done with the text or run card `file`.

    With `run_code` any code that it names may run. Without it, if `file` lies in a trusted folder,
    code in trusted folders may run.
    """
    base = replace(base, opened=file)
    if run_code:
        return replace(base, runs_code=True)
    trusted = trusted_folders()
    if covered(file.resolve().parent, trusted):
        return replace(base, runs_code=True, trusted=trusted)
    return base


def trusted_folders() -> tuple[Path, ...]:
    """The trusted folders; all folders below them are trusted too. Errors: the list is damaged."""
    path = _list_file()
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise _damaged(path, error.strerror or str(error)) from error
    try:
        found = json.loads(content) if len(content) <= _MOST_BYTES else None
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "it is no JSON") from error
    names = found.get("trusted") if isinstance(found, dict) else None
    if not isinstance(names, list) or not all(_is_place(name) for name in names):
        raise _damaged(path, "it holds no list of whole paths")
    return tuple(Path(name) for name in names)


def trust(folder: Path) -> Path:
    """Trust `folder`; returns it with links resolved. Errors: there is no such folder."""
    place = _resolved(folder)
    if not place.is_dir():
        raise UserError(f"there is no folder '{folder}'", do="Name the folder of the texts.")
    _write(dict.fromkeys([*trusted_folders(), place]))
    return place


def untrust(folder: Path) -> Path:
    """Trust `folder` no longer; it may be gone. Errors: it was not trusted, or one above it is."""
    place = _resolved(folder)
    known = trusted_folders()
    if place not in known:
        above = next((one for one in known if covered(place, (one,))), None)
        raise UserError(
            f"'{place}' is not trusted by itself" if above else f"'{place}' is not trusted",
            do=f"It lies in '{above}': remove that." if above else "See mycaffe trust --list.",
        )
    _write({one: None for one in known if one != place})
    return place


def written_by_others(folder: Path) -> bool:
    """Whether everybody on this machine may write in `folder`."""
    return os.name == "posix" and bool(folder.stat().st_mode & stat.S_IWOTH)


def holds_home(folder: Path) -> bool:
    """Whether all of the user's own files lie below `folder`, downloads among them."""
    try:
        return Path.home().resolve().is_relative_to(folder)
    except RuntimeError:  # nobody's home is known
        return False


def _write(folders: dict[Path, None]) -> None:
    names = {"trusted": [str(folder) for folder in folders]}
    write_atomically(_list_file(), (json.dumps(names, indent=1) + "\n").encode())


def _list_file() -> Path:
    return data_folder() / "trusted.json"


def _resolved(folder: Path) -> Path:
    try:
        return folder.expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise UserError(f"'{folder}' cannot be followed: {error}") from error


def _is_place(name: object) -> bool:
    return isinstance(name, str) and "\0" not in name and Path(name).is_absolute()


def _damaged(path: Path, why: str) -> UserError:
    return UserError(
        f"the list of trusted folders, {path}, cannot be used: {why}",
        do="Remove it, and trust your folders again: mycaffe trust FOLDER.",
    )
