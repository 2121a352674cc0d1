"""Training both arms in lockstep: the settings, the training itself, and the records."""
