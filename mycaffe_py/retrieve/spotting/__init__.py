"""Where in a large picture a small one occurs: windows of several sizes, compared by the net."""
