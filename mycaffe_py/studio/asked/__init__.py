"""A process of its own for one open snapshot: questions in, answers out, a line of JSON each."""
