"""Each compiled kernel keeps to its own copies of the functions it calls.

numba links what a kernel calls into it, and compiles it there once more; sums may be ordered in
another way than where that function stands alone. To the linker all copies are one: whichever was
loaded first served every kernel, so that the last bits of a result hung on what had run before, and
on whether a kernel was compiled or found on disk. Here copies are internal: nobody else's serve.
"""

from __future__ import annotations

from typing import Any

from llvmlite.binding import Linkage
from numba.core.codegen import JITCodeLibrary, JITCPUCodegen


class OwnCopies(JITCodeLibrary):
    """The compiled code of one function, or of the loop of a `prange`."""

    def _finalize_final_module(self) -> None:
        module = self._final_module
        # Code found on disk was made so, and there is nothing in its module.
        if _defined(module, Linkage.external):
            self._shared_module = _to_link(module)
            for function in _defined(module, Linkage.linkonce_odr):
                function.linkage = Linkage.internal
        super()._finalize_final_module()


def _defined(module: Any, linkage: Linkage) -> list[Any]:
    """The functions that stand in `module`, of one linkage."""
    return [one for one in module.functions if not one.is_declaration and one.linkage == linkage]


def _to_link(module: Any) -> Any:
    """`module` as numba links it into others: every function may be there several times."""
    copy = module.clone()
    for function in _defined(copy, Linkage.external):
        function.linkage = Linkage.linkonce_odr
    return copy


def keep_own_copies() -> None:
    """Have numba compile so from now on."""
    JITCPUCodegen._library_class = OwnCopies
