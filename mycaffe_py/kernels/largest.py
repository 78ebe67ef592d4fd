"""The k largest of the middle axis of (outer, C, inner)."""

from .jit import kernel


@kernel
def largest_first(x, index_out):
    """Indices of the largest values, largest first; index (outer, k, inner), k <= C.

    Of equal values the later comes first; a NaN is smaller than every number.
    """
    outer, channels, inner = x.shape
    k = index_out.shape[1]
    for n in range(outer):
        for i in range(inner):
            for c in range(channels):
                value = x[n, c, i]
                place = min(c, k)
                while place > 0:
                    rival = x[n, index_out[n, place - 1, i], i]
                    if value >= rival or rival != rival:
                        if place < k:
                            index_out[n, place, i] = index_out[n, place - 1, i]
                        place -= 1
                    else:
                        break
                if place < k:
                    index_out[n, place, i] = c
