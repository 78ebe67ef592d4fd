"""The peaks of heat maps."""

import numpy as np

from ..jit import kernel

# How far around a peak its place is averaged, in pixels.
_AROUND = 3


@kernel
def _is_peak(x, i, j):
    for u in range(i - 1, i + 2):
        for v in range(j - 1, j + 2):
            if not (u == i and v == j) and not x[i, j] > x[u, v]:
                return False
    return True


@kernel
def find_peaks(x, threshold, peaks_out):
    """Inner pixels of x (H, W) above `threshold` and all 8 neighbours, row after row.

    peaks (M + 1, 3): how many there are, 0, 0; then the first M as column, row and value, 0 behind
    the last. Column and row are means over the pixels around that are above 0, by their values.
    """
    peaks_out[:] = 0
    found = 0
    for i in range(1, x.shape[0] - 1):
        for j in range(1, x.shape[1] - 1):
            if not x[i, j] > threshold or not _is_peak(x, i, j):
                continue
            found += 1
            if found >= peaks_out.shape[0]:
                continue
            column, row, total = 0.0, 0.0, 0.0
            for u in range(max(i - _AROUND, 0), min(i + _AROUND + 1, x.shape[0])):
                for v in range(max(j - _AROUND, 0), min(j + _AROUND + 1, x.shape[1])):
                    if x[u, v] > 0:
                        value = np.float64(x[u, v])
                        column += v * value
                        row += u * value
                        total += value
            peaks_out[found, 0] = column / total if total > 0 else j
            peaks_out[found, 1] = row / total if total > 0 else i
            peaks_out[found, 2] = x[i, j]
    peaks_out[0, 0] = found
