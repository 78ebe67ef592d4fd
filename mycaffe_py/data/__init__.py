"""Floor 2. Datasets, selection of records, transforms and the feed of a Data layer."""
