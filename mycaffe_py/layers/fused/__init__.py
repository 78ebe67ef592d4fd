"""Floor 3. Layers no text names: the compiler puts them in place of several plain ones."""
