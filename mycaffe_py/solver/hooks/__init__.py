"""What happens around the steps of training: tests, lines, snapshots, stops. Each has a file."""
