"""The composition root: what a function makes once a container."""
