"""Floor 3. One file per layer or family; importing this package registers them all."""
