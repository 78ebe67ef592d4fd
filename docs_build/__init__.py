"""Makes the documentation site: pages of docs/, and a reference that is written from the code."""
