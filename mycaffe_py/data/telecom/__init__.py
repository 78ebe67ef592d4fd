"""A simulated telecom link with its faults: the built-in data set `telecom`."""
