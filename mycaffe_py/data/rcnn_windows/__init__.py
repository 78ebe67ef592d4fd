"""Windows cut out of pictures, for R-CNN."""
