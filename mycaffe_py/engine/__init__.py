"""Floor 5: a graph with its arrays: forward, backward, blobs by name."""
