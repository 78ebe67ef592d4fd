"""Floor 4. The compiler: a net text becomes a plan."""
