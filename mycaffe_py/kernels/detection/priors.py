"""Prior boxes: the same boxes laid over every cell of a feature map."""

from ..jit import kernel


@kernel
def lay_boxes(sizes, moves, step, offset, image, y_out):
    """Corners (x1, y1, x2, y2) of A boxes around the centre of each cell, in parts of the image.

    sizes (A, 2) widths and heights in pixels, step and image (vertical, horizontal) in pixels,
    y (H, W, A, 4). Centres are at (place + offset) * step + moves, moves (A, 2) to the right and
    down in pixels.
    """
    for row in range(y_out.shape[0]):
        middle_y = (row + offset) * step[0]
        for column in range(y_out.shape[1]):
            middle_x = (column + offset) * step[1]
            for a in range(sizes.shape[0]):
                half_width, half_height = sizes[a, 0] / 2, sizes[a, 1] / 2
                x, y = middle_x + moves[a, 0], middle_y + moves[a, 1]
                y_out[row, column, a, 0] = (x - half_width) / image[1]
                y_out[row, column, a, 1] = (y - half_height) / image[0]
                y_out[row, column, a, 2] = (x + half_width) / image[1]
                y_out[row, column, a, 3] = (y + half_height) / image[0]
