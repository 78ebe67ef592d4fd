"""Floor 10: the most alike among many: exact search, marks of a ranking, duplicates, outliers."""
