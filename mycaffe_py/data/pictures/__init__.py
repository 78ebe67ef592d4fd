"""Picture files: opened safely, read, fitted to a size, drawn as sheets."""
