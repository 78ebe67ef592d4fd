"""Floor 8. One file per command."""
