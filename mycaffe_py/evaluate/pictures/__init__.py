"""Pictures of a run: its curves, its map of classes, its mistakes."""
