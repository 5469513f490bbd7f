"""The developer console: what its pages show and how they are rendered."""
