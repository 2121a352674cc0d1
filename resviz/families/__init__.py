"""Families of networks; the networks of a family share their settings and layers."""
