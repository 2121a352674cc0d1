"""Data sets by name, pictures, and pretrained weights."""
