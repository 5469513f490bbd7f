"""The developer console: the contents of its pages and their rendering."""
