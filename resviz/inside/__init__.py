"""What there is to see inside networks that have been trained: questions as values, and what was found, in words. No torch."""
