"""Label centroids: learning them row by row, and squared distances to them.

counts (L,) says how many items of a label were seen; a label with 0 has no centroid yet, and its
distance is NO_DISTANCE, so that it never wins.
"""

import numpy as np

from ..jit import kernel

# The largest float32, in float64 nets too.
NO_DISTANCE = float(np.finfo(np.float32).max)


@kernel
def learn_centroids(x, labels, counted, capacity, kept_out, centroids_out, status_out, counts_out):
    """Let the counted rows of x (N, D) enter the centroids (L, D) of their labels, in row order.

    A running mean up to `capacity` items, from then on a moving average with weight 1/capacity.
    status (L,) becomes 1 with the capacity-th item. kept (L, slots, D) keeps the newest rows of
    each label, the oldest being overwritten; with 0 slots it is left alone.
    """
    slots = kept_out.shape[1]
    for i in range(x.shape[0]):
        if not counted[i]:
            continue
        label = labels[i]
        seen = np.int64(counts_out[label])
        for k in range(x.shape[1] if slots > 0 else 0):
            kept_out[label, seen % slots, k] = x[i, k]
        weight = x.dtype.type(1.0 / min(seen + 1, capacity))
        for k in range(x.shape[1]):
            old = centroids_out[label, k]
            centroids_out[label, k] = x[i, k] if seen == 0 else old + weight * (x[i, k] - old)
        counts_out[label] += 1
        if seen + 1 >= capacity:
            status_out[label] = 1


@kernel
def squared_distances(x, centroids, counts, distance_out):
    """Squared distance (N, L) of each row of x (N, D) to each of the centroids (L, D)."""
    for i in range(x.shape[0]):
        for label in range(centroids.shape[0]):
            if counts[label] == 0:
                distance_out[i, label] = NO_DISTANCE
                continue
            total = x.dtype.type(0)
            for k in range(x.shape[1]):
                d = x[i, k] - centroids[label, k]
                total += d * d
            distance_out[i, label] = total


@kernel
def nearest_kept_distances(x, kept, counts, k, distance_out):
    """Mean of the k smallest squared distances of each row of x (N, D) to a label's kept rows.

    kept (L, slots, D); a label with fewer than k rows uses those it has. distance (N, L).
    """
    smallest = np.empty(k, x.dtype)
    for i in range(x.shape[0]):
        for label in range(kept.shape[0]):
            rows = min(np.int64(counts[label]), kept.shape[1])
            found = 0
            for r in range(rows):
                total = x.dtype.type(0)
                for j in range(x.shape[1]):
                    d = x[i, j] - kept[label, r, j]
                    total += d * d
                if found < k:
                    found += 1
                elif not total < smallest[k - 1]:
                    continue
                place = found - 1
                while place > 0 and smallest[place - 1] > total:
                    smallest[place] = smallest[place - 1]
                    place -= 1
                smallest[place] = total
            if found == 0:
                distance_out[i, label] = NO_DISTANCE
            else:
                distance_out[i, label] = smallest[:found].sum() / found


@kernel
def nearest_labels(distances, label_out):
    """Index of the smallest distance in each row of (N, L); the lower wins a tie.

    -1 where no distance is below NO_DISTANCE: nothing is known, or the distances are NaN.
    """
    for i in range(distances.shape[0]):
        best = NO_DISTANCE
        label_out[i] = -1
        for label in range(distances.shape[1]):
            if distances[i, label] < best:
                best = distances[i, label]
                label_out[i] = label
