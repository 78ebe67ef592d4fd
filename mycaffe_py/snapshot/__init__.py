"""Floor 2. Files a run leaves behind: weights, solver state, run card."""
