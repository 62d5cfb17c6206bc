"""What the trainer keeps in the run folder: checkpoints, rows, its lock, its beat; and the requests it finds there."""
