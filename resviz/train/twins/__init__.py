"""Experiments: generators that turn a spec into records."""
