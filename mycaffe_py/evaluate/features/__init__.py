"""Features of a frozen base, computed once for a whole dataset."""
