"""Floor 1. Model and solver texts, binary messages, and the upgrade of old ones."""
