"""Training both arms of a run: generators that turn a spec into records."""
