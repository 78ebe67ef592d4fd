"""Floor 6: rates, updates, hooks and the training loop."""
