"""Where the time of a training step goes, and on which machine."""
