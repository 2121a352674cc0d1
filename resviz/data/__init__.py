"""Data sets by name, pictures, and weights that others have trained."""
