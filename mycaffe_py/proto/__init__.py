"""Floor 1: model and solver texts, binary messages, and the upgrade of old ones."""
