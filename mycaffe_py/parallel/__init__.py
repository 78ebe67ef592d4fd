"""Floor 7: one training on several processes and machines, started by mpiexec."""
