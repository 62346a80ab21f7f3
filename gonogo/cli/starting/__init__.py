"""From a runbook and its inventory to a run that can be connected to."""
