"""Figures: functions of records. Described once in Python, filled with records here or in the browser."""
