"""A recorded run, at any moment of it."""
