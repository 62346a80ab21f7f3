"""The forms of a report: each draws from the same summary and returns its text in pieces."""
