"""The passes that make a graph faster or smaller; each can be switched off."""
