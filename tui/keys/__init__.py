"""Which keys there are, what they are called, and which can be chosen."""
