"""The composition root: the objects that a function creates once per container."""
