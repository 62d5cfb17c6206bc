"""Models: the door they come in by, the networks, and what the engine asks."""
