"""Training runs as the front end sees them: planned, started, watched, drawn."""
