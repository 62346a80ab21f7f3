"""The run in plain lines: told as it goes, answered by typing."""
