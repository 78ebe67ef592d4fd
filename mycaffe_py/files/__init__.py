"""Floor 0: tools that write a file whole or not at all, read it within bounds, and never run it."""
