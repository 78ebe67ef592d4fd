"""The film of a run shows how its map forms: as GIF, WebP, web page and picture."""
