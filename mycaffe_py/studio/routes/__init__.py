"""What the pages ask: one file each, with its ROUTES; all of them are found by themselves."""
