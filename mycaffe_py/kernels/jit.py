"""The two decorators every kernel uses, so that compile options stand in one place.

Kernels release the interpreter lock and are cached on disk. `contract` lets multiply and add fuse
into one instruction; nothing here lets the compiler ignore NaN, because a NaN loss must be seen.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.dispatcher import Dispatcher

from mycaffe_py.kernels.own_copies import keep_own_copies
from mycaffe_py.kernels.shipped import code_in_set

keep_own_copies()

OPTIONS: Any = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "reassoc", "nsz", "arcp"},
    # The code by which C would call a kernel: nothing here does.
    "no_cfunc_wrapper": True,
}

# The remainder by it makes a number of 61 bits of any text, hardly ever the same of two.
_PRIME = 2**61 - 1


def kernel(function: Callable[..., Any]) -> Any:
    """Compile `function` for one thread."""
    return _cached(numba.njit(function, **OPTIONS))


def bare_kernel(function: Callable[..., Any]) -> Any:
    """Compile `function` for apart.py alone: Python must never call it, that would be the end.

    What Python calls needs code that takes each argument apart, as much as that of a small kernel.
    """
    options: Any = {**OPTIONS, "no_cpython_wrapper": True}
    return _cached(numba.njit(function, **options))


def parallel_kernel(function: Callable[..., Any]) -> Any:
    """Compile `function` with its `prange` loops shared among threads.

    Each index of a `prange` must write its own part of the output: a float sum over `prange`
    would change with the number of threads.
    """
    return _cached(numba.njit(function, parallel=True, **OPTIONS))


def _cached(dispatcher: Any) -> Any:
    """What cache=True does, with files that processes may write at the same time."""
    if isinstance(dispatcher, Dispatcher):  # NUMBA_DISABLE_JIT=1 leaves the function as it is
        dispatcher._cache = _Cache(dispatcher.py_func)
    return dispatcher


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


class _Files(IndexDataCacheFile):
    """The compiled code of one kernel on disk: an index, and a file for each signature.

    numba gives each new file the next free number. Two processes that compile a kernel for
    different arguments at the same time would take the same one, and the code of one signature
    could be found under the other. Named after its signature, a file is right whoever wrote it;
    an entry that is lost in the index is compiled once more.
    """

    def save(self, key: Any, data: Any) -> None:
        """Write the file, then the index that tells of it."""
        name = self._data_name(int.from_bytes(repr(key).encode(), "big") % _PRIME)
        self._save_data(name, data)
        self._save_index({**self._load_index(), key: name})


class _Cache(FunctionCache):
    """numba's cache of one function, with our files, and behind it the kernels that ship compiled.

    Its own files come first: code made on this very machine may use all of its processor.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        stamp = self._impl.locator.get_source_stamp(), stamp_of(Path(__file__).parent)
        self._cache_file = _Files(self._cache_path, self._impl.filename_base, stamp)

    def _load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled function for arguments of these types, None if it is nowhere."""
        found = super()._load_overload(sig, target_context)
        if found is not None:
            return found
        key = self._index_key(sig, target_context.codegen())
        code = code_in_set(self._py_func.__module__, self._py_func.__qualname__, key)
        return None if code is None else self._impl.rebuild(target_context, pickle.loads(code))
