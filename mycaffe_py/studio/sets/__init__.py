"""Data sets as the studio shows them: what there is, their sheets, and forms that make new ones."""
