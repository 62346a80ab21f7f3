"""Reading shell without running it."""
