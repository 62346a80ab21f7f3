"""The full-screen programs: a run, Home, a replay, a comparison."""
