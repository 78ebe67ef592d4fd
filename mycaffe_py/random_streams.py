"""Random numbers by name: (seed, purpose, numbers) always gives the same stream.

A stream does not depend on what was drawn elsewhere, so results stay the same whatever the thread
count, with or without prefetch, and after a resume.
"""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, purpose: str, *numbers: int) -> np.random.Generator:
    """Generator for `purpose` (e.g. "dropout/drop1") at `numbers` (e.g. the batch number).

    Philox is counter-based: its 128-bit key is the blake2b digest of all arguments.
    """
    name = "\0".join([str(seed), purpose, *map(str, numbers)])
    digest = hashlib.blake2b(name.encode(), digest_size=16).digest()
    key = np.frombuffer(digest, dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key))
