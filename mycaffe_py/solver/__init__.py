"""Floor 6. Rates, updates, hooks and the training loop."""
