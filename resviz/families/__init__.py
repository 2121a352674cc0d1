"""Families of networks: those that share settings and layers."""
