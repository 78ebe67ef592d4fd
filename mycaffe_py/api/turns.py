"""One thread at a time computes.

A net has one set of arrays, and not every way that numba shares work among threads allows several
callers. So threads may use nets as they like, and take turns batch by batch; pictures are read
meanwhile.
"""

from __future__ import annotations

import threading

TURN = threading.RLock()
