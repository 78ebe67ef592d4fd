"""What is told to people about a graph."""
