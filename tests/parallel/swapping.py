"""Tells and swaps arrays of many sizes between the processes mpiexec has started; run by tests."""

from __future__ import annotations

import numpy as np

from mycaffe_py.parallel.joined import joined
from mycaffe_py.parallel.mpi import MpiTeam

# The most bytes of words and arrays in each turn: nothing, little, about a page, several pages.
MOST = (1, 400, 900_000, 3_000_000)
TURNS = 12


def main(team: MpiTeam) -> None:
    """Check all that comes, then print how many turns it was."""
    others = [q for q in range(team.ranks) if q != team.rank]
    for turn in range(TURNS):
        sent: list[list[np.ndarray]] = [[] for _ in range(team.ranks)]
        got: list[list[np.ndarray]] = [[] for _ in range(team.ranks)]
        for q in others:
            sent[q] = [_made(turn, team.rank, q, number) for number in range(turn % 4)]
            got[q] = [np.empty_like(_made(turn, q, team.rank, n)) for n in range(turn % 4)]
        team.swap(sent, got)
        for q in others:
            for number, array in enumerate(got[q]):
                np.testing.assert_array_equal(array, _made(turn, q, team.rank, number))
        told = team.tell((team.rank, _made(turn, team.rank, team.rank, 0).tobytes()))
        assert told == [(q, _made(turn, q, q, 0).tobytes()) for q in range(team.ranks)]
    print(f"{TURNS} turns of {team.ranks}, shared memory: {team._board is not None}")


def _made(turn: int, sender: int, receiver: int, number: int) -> np.ndarray:
    """What one process sends another."""
    rng = np.random.default_rng([turn, sender, receiver, number])
    return rng.random(int(rng.integers(0, MOST[turn % 4])) // 4).astype(np.float32)


if __name__ == "__main__":
    with joined() as members:
        assert isinstance(members, MpiTeam)
        main(members)
