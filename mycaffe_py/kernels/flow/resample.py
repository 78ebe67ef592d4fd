"""Maps brought to another size by weights along each axis.

x (C, H, W), y (C, h, w); pixel (i, j) of y is the sum over p, q of rows[i, p] columns[j, q] times
x at row row_starts[i] + p and column column_starts[j] + q.
"""

from ..jit import kernel


@kernel
def resample(x, rows, row_starts, columns, column_starts, y_out):
    """y of x. Where no weight is, y is 0."""
    for c in range(y_out.shape[0]):
        for i in range(y_out.shape[1]):
            for j in range(y_out.shape[2]):
                total = x.dtype.type(0)
                for p in range(rows.shape[1]):
                    if rows[i, p] != 0:
                        row = x[c, row_starts[i] + p]
                        part = x.dtype.type(0)
                        for q in range(columns.shape[1]):
                            if columns[j, q] != 0:
                                part += columns[j, q] * row[column_starts[j] + q]
                        total += rows[i, p] * part
                y_out[c, i, j] = total


@kernel
def resample_backward(dy, rows, row_starts, columns, column_starts, dx_out):
    """Adds to dx what y took from it."""
    for c in range(dy.shape[0]):
        for i in range(dy.shape[1]):
            for j in range(dy.shape[2]):
                for p in range(rows.shape[1]):
                    if rows[i, p] != 0:
                        part = rows[i, p] * dy[c, i, j]
                        for q in range(columns.shape[1]):
                            if columns[j, q] != 0:
                                column = column_starts[j] + q
                                dx_out[c, row_starts[i] + p, column] += columns[j, q] * part
