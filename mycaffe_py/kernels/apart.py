"""The decorator for kernels that are compiled once, however many kernels call them.

numba puts the code of a kernel into each one that calls it, and for a `prange` three times: LLVM
then works through the same loops again. What is `apart` is called by its address instead, which is
looked up when it is first needed: a kernel that no call reaches is not compiled at all. A call
costs more than one that LLVM sees into, so what is apart should be some work.
"""

from __future__ import annotations

import ctypes
import pickle
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import llvmlite.binding
import numba
from numba import types
from numba.core import cgutils, serialize
from numba.core.cgutils import ir
from numba.core.dispatcher import Dispatcher
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import signature
from numba.core.utils import pysignature
from numba.extending import type_callable

from .jit import OPTIONS, bare_kernel

_SYMBOL = "mycaffe_find_kernel"
_KERNELS: dict[tuple[str, str], Dispatcher] = {}


def apart(function: Callable[..., Any]) -> Any:
    """Compile `function`, which returns nothing, for one thread, apart from those that call it."""
    compiled = bare_kernel(function)
    if not isinstance(compiled, Dispatcher):  # NUMBA_DISABLE_JIT=1
        return compiled
    name = (function.__module__, function.__qualname__)
    _KERNELS[name] = compiled

    @cache
    def whole() -> Any:
        return numba.njit(function, **OPTIONS)

    def call(*arguments: Any) -> None:
        """For Python, as in tests: compiled anew, for the cache has code that only kernels call."""
        whole()(*arguments)

    _type(call, pysignature(function))
    _lower(call, name)
    return call


def _type(call: Any, parameters: Any) -> None:
    """Tell numba what `call` takes and returns. Constants are taken as any number of their kind."""

    @type_callable(call)
    def typed(context: Any) -> Any:
        def typer(*arguments: Any) -> Any:
            return signature(types.none, *map(_any_number, arguments))

        typer.pysig = parameters  # type: ignore[attr-defined]
        return typer


def _any_number(kind: Any) -> Any:
    """The kind of a constant; one within a tuple stays, where callers want code of its own."""
    return kind if isinstance(kind, types.BaseTuple) else types.unliteral(kind)


def _lower(call: Any, name: tuple[str, str]) -> None:
    """Tell numba how to call it: through a slot that holds its address after the first call."""

    @lower_builtin(call, types.VarArg(types.Any))
    def lowered(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        word = context.get_value_type(types.intp)
        slot = cgutils.add_global_variable(
            builder.module, word, builder.module.get_unique_name("kernel_apart")
        )
        slot.linkage, slot.initializer = "internal", ir.Constant(word, 0)
        address = cgutils.alloca_once_value(builder, builder.load(slot))
        missing = builder.icmp_unsigned("==", builder.load(address), ir.Constant(word, 0))
        with cgutils.if_unlikely(builder, missing):
            found = _found(builder, word, serialize.dumps((*name, sig.args)))
            builder.store(found, address)
            builder.store(found, slot)
            failed = builder.icmp_unsigned("==", found, ir.Constant(word, 0))
            with cgutils.if_unlikely(builder, failed):
                told = f"{name[0]}.{name[1]} could not be compiled; the reason stands above"
                context.call_conv.return_user_exc(builder, RuntimeError, (told,))
        kind = context.call_conv.get_function_type(types.none, sig.args)
        function = builder.inttoptr(builder.load(address), kind.as_pointer())
        status, _ = context.call_conv.call_function(
            builder, function, types.none, sig.args, arguments
        )
        with cgutils.if_unlikely(builder, status.is_error):
            context.call_conv.return_status_propagate(builder, status)
        return context.get_dummy_value()


def _found(builder: Any, word: Any, request: bytes) -> Any:
    """The address that `_find` gives for a request."""
    data = cgutils.global_constant(
        builder.module,
        builder.module.get_unique_name("kernel_request"),
        cgutils.make_bytearray(request),
    )
    byte = ir.IntType(8).as_pointer()
    kind = ir.FunctionType(word, [byte, word])
    find = cgutils.get_or_insert_function(builder.module, kind, _SYMBOL)
    return builder.call(find, [builder.bitcast(data, byte), ir.Constant(word, len(request))])


def _address(request: bytes) -> int:
    """Where the code is of a function for arguments of some types; compiled if need be."""
    module, name, kinds = pickle.loads(request)
    wanted = _KERNELS[module, name]  # whoever calls it has imported it
    wanted.compile(kinds)
    compiled = wanted.overloads[kinds]
    place = compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name)
    return int(place)


@ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_ssize_t)
def _find(data: int, size: int) -> int:
    """What compiled kernels call; 0 where it fails."""
    try:
        return _address(ctypes.string_at(data, size))
    except KeyboardInterrupt:  # machine code knows no exceptions of Python: it comes again
        ctypes.pythonapi.PyErr_SetInterrupt()
    except BaseException:
        sys.excepthook(*sys.exc_info())
    return 0


llvmlite.binding.add_symbol(_SYMBOL, ctypes.cast(_find, ctypes.c_void_p).value)
