"""The fold: what each kind of record changes in what is known of a run."""
