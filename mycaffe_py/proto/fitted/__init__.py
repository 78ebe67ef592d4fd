"""Model and solver texts written for one data set: its channels, size and classes."""
