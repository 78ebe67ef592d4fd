"""Floor 2: files a run leaves behind: weights, solver state, run card."""
