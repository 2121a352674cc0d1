"""Where experiments run and where their records are kept."""
