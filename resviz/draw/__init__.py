"""Figures as functions of records: described once in Python, and filled with records here or in the browser."""
