"""A layer of one word."""

WORD = "from the layer"
