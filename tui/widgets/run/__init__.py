"""What one run shows: its facts, its charts, what it says while it learns, and what happened to it."""
