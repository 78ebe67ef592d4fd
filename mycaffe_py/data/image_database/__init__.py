"""The image database: one SQLite file per dataset."""
