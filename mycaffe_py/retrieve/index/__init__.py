"""An index: what a net makes of many pictures, kept on disk, to find the most alike among them."""
