"""What a snapshot is worth for searching: measured, told in lines and JSON, drawn."""
