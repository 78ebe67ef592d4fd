"""The digits inside the package, and MNIST in its four IDX files."""
