"""Which places of a picture hang together: connected components."""

import numpy as np

from ..jit import kernel


@kernel
def _root(parent, label):
    """The first label of the set; the way to it is halved for the next time."""
    while parent[label] != label:
        parent[label] = parent[parent[label]]
        label = parent[label]
    return label


@kernel
def _joined(parent, a, b):
    """The set of label a, joined with that of b; 0 stands for none."""
    if a == 0 or b == 0:
        return max(a, b)
    a, b = _root(parent, a), _root(parent, b)
    parent[max(a, b)] = min(a, b)
    return min(a, b)


@kernel
def label_connected(there, parent_out, labels_out):
    """Number the parts of there (H, W) that hang together, corners too; return how many they are.

    labels (H, W) are 1, 2, ... in the order of their first places, 0 where nothing is. parent is
    scratch of at least ceil(H/2) ceil(W/2) + 1 numbers.
    """
    height, width = there.shape
    used = 0
    parent_out[0] = 0
    for y in range(height):
        for x in range(width):
            label = np.int64(0)
            if there[y, x]:
                if x > 0:
                    label = np.int64(labels_out[y, x - 1])
                if y > 0:
                    for near in range(max(x - 1, 0), min(x + 2, width)):
                        label = _joined(parent_out, label, np.int64(labels_out[y - 1, near]))
                if label == 0:
                    used += 1
                    label = np.int64(used)
                    parent_out[used] = used
            labels_out[y, x] = label
    # Parents are below their children, so that they have their last number first.
    count = 0
    for label in range(1, used + 1):
        if parent_out[label] == label:
            count += 1
            parent_out[label] = -count
        else:
            parent_out[label] = parent_out[parent_out[label]]
    for y in range(height):
        for x in range(width):
            labels_out[y, x] = -parent_out[labels_out[y, x]]
    return count
