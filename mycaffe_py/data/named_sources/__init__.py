"""Sources that come with the package and that a text calls by name."""
