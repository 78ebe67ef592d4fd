"""Work in more pieces than there are threads, which take the next piece when they have done one.

Were each thread given its share beforehand, all would wait for the one whose core is slower or busy
with something else. Which thread does a piece changes no bit of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import get_num_threads, types
from numba.core.cgutils import ir
from numba.extending import intrinsic

from .inlined import inlined

# Pieces for each thread: the last ones to end are apart by a piece at most.
_EACH = 4


def pieces_of(work: int, worth: int, each: int = _EACH) -> tuple[int, int]:
    """Threads to use, and pieces, for so much work, of which `worth` pays for waking a thread."""
    threads = get_num_threads() if work >= worth else 1
    if threads == 1:
        return 1, 1
    return threads, max(threads, min(each * threads, work // worth))


@inlined
def new_turns():
    """Of a piece of work that nobody has begun."""
    turns = np.empty(1, np.int64)
    turns[0] = 0
    return turns


@intrinsic
def next_turn(typingctx, turns):  # type: ignore[no-untyped-def]
    """The number of the next piece, from 0 on; no two threads are given the same."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        one = ir.Constant(ir.IntType(64), 1)
        return builder.atomic_rmw("add", array.data, one, "acq_rel")

    return types.int64(turns), codegen
