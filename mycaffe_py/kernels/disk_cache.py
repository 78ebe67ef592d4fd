"""The compiled code of kernels on disk: a file for each signature, written by one process.

numba keeps an index beside the files of a function, and gives each new file the next free number.
Two processes that compile a kernel for different arguments at the same time would take the same
number, and lose an entry of the index. Here a file is named after its signature, and says itself
what it is good for: it is right whoever wrote it, and found by one look.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from numba.core import event
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.compiler import CompileResult
from numba.core.dispatcher import Dispatcher

from mycaffe_py.kernels.claims import claim, give_up
from mycaffe_py.kernels.shipped import code_in_set

# numba's module has no types for what is called here.
_events: Any = event

# The remainder by it makes a number of 61 bits of any text, hardly ever the same of two.
_PRIME = 2**61 - 1

_NOT_KEPT: list[str] = []


def why_not_kept() -> str:
    """Why what is compiled here is compiled again next time, '' if it is kept."""
    return _NOT_KEPT[0] if _NOT_KEPT else ""


@cache
def stamp_of(folder: Path) -> str:
    """Other than before once any source in `folder` was changed.

    numba asks for the file of a function alone, and would go on with code into which it once
    compiled another function that has changed since.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        about = path.stat()
        digest.update(f"{path}\0{about.st_mtime_ns}\0{about.st_size}\0".encode())
    return digest.hexdigest()


def number_of(key: Any) -> int:
    """A number for numba's key of a signature: the same in every process."""
    return int.from_bytes(repr(key).encode(), "big") % _PRIME


class Files(IndexDataCacheFile):
    """The files of one kernel: what each is good for, then the code."""

    def save(self, key: Any, data: Any) -> None:
        """Write the file of this key."""
        made_for = pickle.dumps(self._made_for(key))
        with self._open_for_write(str(self._path(key))) as file:
            file.write(made_for + self._dump(data))

    def load(self, key: Any) -> Any:
        """What was saved for this key; None if nothing, from other sources, or it is damaged."""
        try:
            with self._path(key).open("rb") as file:
                if pickle.load(file) != self._made_for(key):
                    return None
                return pickle.load(file)
        except (OSError, EOFError, pickle.UnpicklingError):
            return None

    def _made_for(self, key: Any) -> tuple[str, str, str]:
        return self._version, repr(self._source_stamp), repr(key)

    def _path(self, key: Any) -> Path:
        return Path(self._data_path(self._data_name(number_of(key))))


class Cache(FunctionCache):
    """numba's cache of one function, with our files, and behind it the kernels that ship compiled.

    Its own files come first: code made on this very machine may use all of its processor.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        stamp = self._impl.locator.get_source_stamp(), stamp_of(Path(__file__).parent)
        self._cache_file = Files(self._cache_path, self._impl.filename_base, stamp)
        self._claimed: list[int] = []

    def _load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled function for arguments of these types; None if it is to be compiled here."""
        found = super()._load_overload(sig, target_context)
        if found is not None:
            return found
        key = self._index_key(sig, target_context.codegen())
        found = _shipped(self._py_func, key, target_context)
        if found is not None:
            return found
        place = number_of((self._py_func.__qualname__, key))
        if not claim(self._cache_path, place):
            return None
        self._claimed.append(place)
        # Whoever had the claim before may have compiled it.
        found = super()._load_overload(sig, target_context)
        if found is not None:
            self.give_up()
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        """Write the code for arguments of these types, and let those read it who wait for it.

        A full disk is no reason to stop: the code is here.
        """
        try:
            super().save_overload(sig, data)
        except OSError as error:
            _NOT_KEPT[:] = [f"{self._cache_path} cannot be written: {error.strerror or error}"]
        finally:
            self.give_up()

    def give_up(self) -> None:
        """End the claim of the signature that was compiled last, if there is one."""
        if self._claimed:
            give_up(self._cache_path, self._claimed.pop())


class Unkept(FunctionCache):
    """In place of a cache, where no folder can be written: kernels that ship compiled, or none."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._py_func = function
        self._cache_path = None
        self.enable()

    def _load_overload(self, sig: Any, target_context: Any) -> Any:
        key = self._index_key(sig, target_context.codegen())
        return _shipped(self._py_func, key, target_context)

    def save_overload(self, sig: Any, data: Any) -> None:
        """There is nowhere to write it."""


def _shipped(function: Callable[..., Any], key: Any, target_context: Any) -> Any:
    """The function from the kernels that ship compiled; None if they do not have it."""
    code = code_in_set(function.__module__, function.__qualname__, key)
    return None if code is None else CompileResult._rebuild(target_context, *pickle.loads(code))


class _Failures(event.Listener):
    """A kernel that cannot be compiled keeps nobody waiting: numba saves nothing after an error."""

    def on_start(self, event: event.Event) -> None:
        """Nothing has failed yet."""

    def on_end(self, event: event.Event) -> None:
        """Whether it ended by an error is to be seen while it is on its way."""
        cache = event.data["dispatcher"]._cache
        if sys.exc_info()[0] is not None and isinstance(cache, Cache):
            cache.give_up()


_events.register("numba:compile", _Failures())


def keep_on_disk(dispatcher: Any) -> Any:
    """What cache=True does, with a `Cache`."""
    if isinstance(dispatcher, Dispatcher):  # NUMBA_DISABLE_JIT=1 leaves the function as it is
        dispatcher._cache = _cache_of(dispatcher.py_func)
    return dispatcher


def _cache_of(function: Callable[..., Any]) -> FunctionCache:
    try:
        return Cache(function)
    except RuntimeError:  # numba has tried to write beside the function, and in the user's home
        _NOT_KEPT[:] = [
            "no folder for them can be written; NUMBA_CACHE_DIR=FOLDER in the environment names one"
        ]
        return Unkept(function)
