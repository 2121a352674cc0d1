"""Layers, blocks and networks of torch."""
