"""Floor 6. What happens beside the step: tests, lines, snapshots, stops. One file each."""
