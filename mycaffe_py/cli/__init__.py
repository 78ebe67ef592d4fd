"""Floor 13: one file per command."""
