"""Vectors of the host's full register width as values inside numba kernels.

numba's own loop vectoriser falls back to scalar code whenever two arrays might overlap. Here a
kernel says itself what lives in a register: a `VectorType` value is one LLVM vector, a tuple of
them is a register tile (LLVM takes the tuple apart; nothing reaches memory). All functions below
are intrinsics, callable only from compiled kernels. Arrays are flat and contiguous, and positions
are element numbers; nothing is checked, so a wrong position reads or writes foreign memory.

Width: 64 bytes with AVX-512, 32 with AVX2, otherwise 16 (SSE, NEON). It follows what numba
compiles for, NUMBA_CPU_NAME and NUMBA_CPU_FEATURES included, and so does numba's disk cache key.
`register_tile.py` builds register tiles from these.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import types
from numba.core import cgutils
from numba.core.cgutils import ir  # llvmlite's IR builder, reached through numba
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic, models, register_model


def _features() -> set[str]:
    """What numba compiles for: '+avx512f', '-xop', ..."""
    configured = numba.config.CPU_FEATURES
    return set((get_host_cpu_features() if configured is None else configured).split(","))


def _width_bytes(features: set[str]) -> int:
    if "+avx512f" in features:
        return 64
    return 32 if {"+avx2", "+fma"} <= features else 16


WIDTH_BYTES = _width_bytes(_features())
REGISTERS = 32 if "+neon" in _features() or WIDTH_BYTES == 64 else 16
"""Vector registers of the architecture: what a tile may occupy before it spills."""


def lanes(dtype: Any) -> int:
    """Elements of `dtype` in one vector of this host, e.g. 16 for float32 with AVX-512."""
    return WIDTH_BYTES // int(np.dtype(dtype).itemsize)


def aligned_empty(shape: tuple[int, ...], dtype: Any) -> np.ndarray[Any, Any]:
    """An uninitialised C-ordered array that starts on a 64-byte cache line.

    numpy promises 16 bytes only; a vector that straddles two lines costs double to load.
    """
    kind = np.dtype(dtype)
    size = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    raw = np.empty(size + 64, dtype=np.uint8)
    skip = -raw.ctypes.data % 64
    return raw[skip : skip + size].view(kind).reshape(shape)


class VectorType(types.Type):
    """numba type of one full register of `dtype`."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        self.count = WIDTH_BYTES // (dtype.bitwidth // 8)
        super().__init__(name=f"Vector({dtype}, {self.count})")


@register_model(VectorType)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        element = manager.lookup(kind.dtype).get_value_type()
        super().__init__(manager, kind, ir.VectorType(element, kind.count))


def element_pointer(context: Any, builder: Any, kind: Any, array: Any, position: Any) -> Any:
    """Pointer to an element of a flat array."""
    data = context.make_array(kind)(context, builder, array).data
    return builder.gep(data, [position])


def load_value(context: Any, builder: Any, kind: Any, array: Any, position: Any) -> Any:
    """The vector that begins at an element, which need not start a line."""
    vector = VectorType(kind.dtype)
    wide = context.get_value_type(vector)
    pointer = element_pointer(context, builder, kind, array, position)
    value = builder.load(builder.bitcast(pointer, wide.as_pointer()))
    value.align = kind.dtype.bitwidth // 8
    return value


def store_value(
    context: Any, builder: Any, kind: Any, array: Any, position: Any, value: Any
) -> None:
    """Write a vector from an element on."""
    pointer = element_pointer(context, builder, kind, array, position)
    written = builder.store(value, builder.bitcast(pointer, value.type.as_pointer()))
    written.align = kind.dtype.bitwidth // 8


def splat_value(builder: Any, scalar: Any, count: int) -> Any:
    """A vector with `scalar` in every lane."""
    wide = ir.VectorType(scalar.type, count)
    first = builder.insert_element(
        ir.Constant(wide, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0)
    )
    lanes_of_first = ir.Constant(ir.VectorType(ir.IntType(32), count), None)
    return builder.shuffle_vector(first, ir.Constant(wide, ir.Undefined), lanes_of_first)


def fma_value(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """a * b + c, in one instruction where the host has it (never a library call)."""
    name = f"llvm.fmuladd.v{a.type.count}f{'32' if str(a.type.element) == 'float' else '64'}"
    kind = ir.FunctionType(a.type, [a.type] * 3)
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [a, b, c])


def transposed(builder: Any, vectors: list[Any]) -> list[Any]:
    """The transpose of a square of LLVM vectors.

    Interleaving the first half of the vectors with the second half rotates the bits of
    (vector number, lane number) by one; after log2(lanes) rounds the two have changed places.
    """
    size = len(vectors)
    kind = ir.VectorType(ir.IntType(32), size)
    mixed = [lane // 2 + (lane % 2) * size for lane in range(2 * size)]
    masks = [ir.Constant(kind, mixed[:size]), ir.Constant(kind, mixed[size:])]
    for _ in range(size.bit_length() - 1):
        pairs = zip(vectors[: size // 2], vectors[size // 2 :], strict=True)
        vectors = [
            builder.shuffle_vector(first, second, mask) for first, second in pairs for mask in masks
        ]
    return vectors


def position_value(context: Any, builder: Any, value: Any, kind: Any) -> Any:
    """An index as the pointer arithmetic wants it."""
    return context.cast(builder, value, kind, types.intp)


@intrinsic
def width(typingctx, array):  # type: ignore[no-untyped-def]
    """Lanes of a vector of the array's dtype, as a constant the compiler folds."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        count = VectorType(signature.args[0].dtype).count
        return context.get_constant(types.intp, count)

    return types.intp(array), codegen


@intrinsic
def aligned_start(typingctx, array):  # type: ignore[no-untyped-def]
    """Elements to skip in a scratch array until a 64-byte line begins."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        data = context.make_array(kind)(context, builder, args[0]).data
        word = context.get_value_type(types.intp)
        address = builder.ptrtoint(data, word)
        missing = builder.and_(builder.neg(address), ir.Constant(word, 63))
        return builder.udiv(missing, ir.Constant(word, kind.dtype.bitwidth // 8))

    return types.intp(array), codegen


@intrinsic
def load(typingctx, array, position):  # type: ignore[no-untyped-def]
    """The vector that starts at `position`."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        place = position_value(context, builder, args[1], signature.args[1])
        return load_value(context, builder, signature.args[0], args[0], place)

    return VectorType(array.dtype)(array, position), codegen


@intrinsic
def broadcast(typingctx, array, position):  # type: ignore[no-untyped-def]
    """The element at `position` in every lane."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        place = position_value(context, builder, args[1], signature.args[1])
        scalar = builder.load(element_pointer(context, builder, kind, args[0], place))
        return splat_value(builder, scalar, signature.return_type.count)

    return VectorType(array.dtype)(array, position), codegen


@intrinsic
def element(typingctx, array, position):  # type: ignore[no-untyped-def]
    """array[position] without the arithmetic for negative positions."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        place = position_value(context, builder, args[1], signature.args[1])
        return builder.load(element_pointer(context, builder, kind, args[0], place))

    return array.dtype(array, position), codegen


@intrinsic
def splat(typingctx, array, scalar):  # type: ignore[no-untyped-def]
    """A scalar in every lane of a vector of the array's dtype."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = signature.args[0].dtype
        value = context.cast(builder, args[1], signature.args[1], kind)
        return splat_value(builder, value, signature.return_type.count)

    return VectorType(array.dtype)(array, scalar), codegen


@intrinsic
def store(typingctx, array, position, vector):  # type: ignore[no-untyped-def]
    """Write a vector from `position` on."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        place = position_value(context, builder, args[1], signature.args[1])
        store_value(context, builder, signature.args[0], args[0], place, args[2])
        return context.get_dummy_value()

    return types.void(array, position, vector), codegen


@intrinsic
def fma(typingctx, a, b, c):  # type: ignore[no-untyped-def]
    """a * b + c, lane by lane."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return fma_value(builder, *args)

    return a(a, b, c), codegen


@intrinsic
def maximum(typingctx, a, b):  # type: ignore[no-untyped-def]
    """The larger of two vectors lane by lane; a where either is not a number and b is not larger.

    That is `b > a ? b : a`: with a NaN in `a`, NaN stays, so a poisoned net is seen.
    """

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        larger = builder.fcmp_ordered(">", args[1], args[0])
        return builder.select(larger, args[1], args[0])

    return a(a, b), codegen
