"""Which images a batch holds, by a seed and a number alone."""
