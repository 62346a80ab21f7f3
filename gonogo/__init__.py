"""Step through a production change from a runbook, and keep a record that can be replayed and proved."""

__version__ = "0.1.0"
