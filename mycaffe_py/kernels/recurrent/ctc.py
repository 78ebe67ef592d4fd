"""The likeliest labels of sequences, read step by step."""

from ..jit import kernel


@kernel
def greedy_labels(x, lengths, blank, merged, labels_out, counts_out, scores_out):
    """Per row the class with the greatest x of each step, without `blank`.

    x (T, N, C); only the first lengths[n] steps of row n count. `merged`: a class that follows
    itself is written once. labels (N, T), their counts (N,); scores (N,) are minus the sums of
    these greatest x. The first of equal classes counts.
    """
    for n in range(x.shape[1]):
        before = -1
        count = 0
        total = x.dtype.type(0)
        for t in range(lengths[n]):
            best = 0
            for c in range(1, x.shape[2]):
                if x[t, n, c] > x[t, n, best]:
                    best = c
            total -= x[t, n, best]
            if best != blank and not (merged and best == before):
                labels_out[n, count] = best
                count += 1
            before = best
        counts_out[n] = count
        scores_out[n] = total


@kernel
def edit_distance(a, b, room):
    """Labels put in, left out or exchanged, at least, to make (N,) b of (M,) a.

    room (N + 1,) is written.
    """
    for j in range(len(b) + 1):
        room[j] = j
    for i in range(len(a)):
        corner = room[0]
        room[0] = i + 1
        for j in range(len(b)):
            changed = corner + (a[i] != b[j])
            corner = room[j + 1]
            room[j + 1] = min(changed, corner + 1, room[j] + 1)
    return room[len(b)]
