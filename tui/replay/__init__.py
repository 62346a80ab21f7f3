"""What a replay shows beside the panes of a run: its time line, its bar, its places."""
