"""The engine: its pipes, its queue, its loop, and the bench where the work is done."""
