"""Many kernels by one call: their machine code, one after the other, without Python in between.

A kernel called from Python takes 0.3 to 3 us before it begins: types are looked up and every array
is taken apart. Here that is done once. The native code of a kernel is a C function of whole numbers
and pointers (an array is seven of them, or more), and of floats. By the calling convention of
x86-64 but for Windows a function finds its whole numbers in order, whatever floats stand between
them, and its floats likewise; what it is given more it does not see. So one form of call fits all:
MOST_INTEGERS whole numbers and MOST_FLOATS floats. Where that convention does not hold, or a kernel
has more or other arguments, `native` gives None, and it is called from Python as ever.
"""

from __future__ import annotations

from typing import Any

import llvmlite.binding
import numba
import numpy as np
from numba import types
from numba.core.cgutils import ir  # llvmlite's IR builder, reached through numba
from numba.core.dispatcher import Dispatcher
from numba.extending import intrinsic

from .jit import kernel
from .sharing import Call

MOST_INTEGERS = 128
MOST_FLOATS = 8
# Native code that returns nothing says so by one of these.
_DONE = (0, -2)


def _has_convention() -> bool:
    triple = llvmlite.binding.get_process_triple()
    return triple.startswith("x86_64") and "windows" not in triple


HAS_CONVENTION = _has_convention()


@intrinsic
def _call(typingctx, address, integers, first, floats, first_float):  # type: ignore[no-untyped-def]
    """Call the function at `address` with MOST_INTEGERS of integers, and MOST_FLOATS of floats."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        whole, real = ir.IntType(64), ir.DoubleType()
        kind = ir.FunctionType(ir.IntType(32), [whole] * MOST_INTEGERS + [real] * MOST_FLOATS)
        function = builder.inttoptr(args[0], kind.as_pointer())
        values = []
        for place, count in ((1, MOST_INTEGERS), (3, MOST_FLOATS)):
            array = context.make_array(signature.args[place])(context, builder, args[place])
            start = builder.gep(array.data, [args[place + 1]])
            for number in range(count):
                position = ir.Constant(whole, number)
                values.append(builder.load(builder.gep(start, [position])))
        return builder.sext(builder.call(function, values), whole)

    wanted = (types.int64, types.int64[::1], types.int64, types.float64[::1], types.int64)
    return types.int64(*wanted), codegen


@kernel
def call_all(addresses, integers, floats):
    """Call each function; return how many were done before one failed."""
    for n in range(addresses.size):
        status = _call(addresses[n], integers, n * MOST_INTEGERS, floats, n * MOST_FLOATS)
        if status != _DONE[0] and status != _DONE[1]:
            return n
    return addresses.size


class NativeCalls:
    """Some calls of kernels, ready to be made together; their arrays live as long as this."""

    def __init__(self, calls: list[Call], taken: list[tuple[int, list[int], list[float]]]) -> None:
        """`taken`: address and arguments of each, from `native`."""
        self.calls = calls
        # Where a function puts what it returns, and what it says of an error.
        self._answers = np.zeros(2, np.int64)
        places = [self._answers.ctypes.data, self._answers.ctypes.data + 8]
        self._addresses = np.array([address for address, _, _ in taken], np.int64)
        self._integers = np.zeros(len(taken) * MOST_INTEGERS, np.int64)
        self._floats = np.zeros(len(taken) * MOST_FLOATS, np.float64)
        for n, (_, integers, floats) in enumerate(taken):
            start = n * MOST_INTEGERS
            self._integers[start : start + 2 + len(integers)] = [*places, *integers]
            self._floats[n * MOST_FLOATS : n * MOST_FLOATS + len(floats)] = floats

    def __call__(self) -> None:
        """Make the calls. What fails natively is called again from Python, which says why."""
        done = call_all(self._addresses, self._integers, self._floats)
        for call in self.calls[done:]:
            call.kernel(*call.arguments)


def native(call: Call) -> tuple[int, list[int], list[float]] | None:
    """Address and arguments of a kernel for its native call; None where that is not possible."""
    if not HAS_CONVENTION or not isinstance(call.kernel, Dispatcher):
        return None
    kinds = tuple(numba.typeof(value) for value in call.arguments)
    call.kernel.compile(kinds)
    compiled = call.kernel.overloads[kinds]
    if compiled.signature.return_type != types.none:
        return None
    integers: list[int] = []
    floats: list[float] = []
    for kind, value in zip(kinds, call.arguments, strict=True):
        if not _take(kind, value, integers, floats):
            return None
    if not _as_numba_takes_them(compiled, kinds, integers, floats):
        return None
    name = compiled.fndesc.llvm_func_name
    address = compiled.library.get_pointer_to_function(name)
    return (address, integers, floats) if address else None


def _as_numba_takes_them(
    compiled: Any, kinds: tuple[Any, ...], integers: list[int], floats: list[float]
) -> bool:
    """Whether there are as many of each as numba's code has parameters, and room for them."""
    wanted = compiled.target_context.get_arg_packer(kinds).argument_types
    real = sum(isinstance(kind, ir.FloatType | ir.DoubleType) for kind in wanted)
    fits = len(integers) + 2 <= MOST_INTEGERS and real <= MOST_FLOATS
    return fits and (len(integers), len(floats)) == (len(wanted) - real, real)


def _take(kind: Any, value: Any, integers: list[int], floats: list[float]) -> bool:
    """Append `value` as native code takes it; False where that is not known here."""
    if isinstance(kind, types.Array):
        # No owner and no count of references: the caller keeps the array.
        layout = value.ctypes.data, *value.shape, *value.strides
        integers += [0, 0, value.size, value.itemsize, *layout]
    elif isinstance(kind, types.BaseTuple):
        kinds = kind.types
        return all(_take(kinds[n], part, integers, floats) for n, part in enumerate(value))
    elif isinstance(kind, types.Boolean | types.Integer):
        integers.append(int(value))
    elif kind == types.float64:
        floats.append(float(value))
    elif kind == types.float32:
        # Its bits are the lower half of the register.
        floats.append(np.array([value, 0], np.float32).view(np.float64)[0])
    else:
        return False
    return True
