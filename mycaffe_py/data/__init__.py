"""Floor 2: datasets, selection of records, transforms and the feed of a Data layer."""
