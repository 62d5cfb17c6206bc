"""Accuracy by position: the same windows, one hidden word after another, in several surroundings."""
