"""Floor 11: the Python interface for programs: what load() and train() give, the estimator."""
