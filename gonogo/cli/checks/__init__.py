"""What `gonogo check` looks up beyond the document itself."""
