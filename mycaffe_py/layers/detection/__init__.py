"""Objects in pictures: boxes laid over feature maps, and what is found in them."""
