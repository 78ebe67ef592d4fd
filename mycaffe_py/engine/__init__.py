"""Floor 5. A plan with its arrays: forward, backward, blobs by name."""
