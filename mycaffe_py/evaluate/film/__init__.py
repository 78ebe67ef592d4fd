"""Floor 7. The film of a run: the map as it forms, as GIF, WebP, page to turn, and picture."""
