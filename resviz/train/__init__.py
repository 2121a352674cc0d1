"""Twins that learn in lockstep: what is set, what happens, what is recorded."""
