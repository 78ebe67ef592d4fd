"""Floor 4: the compiler: the text of a net becomes a graph that the engine can run."""
