"""Lookboth without a window: verbs, their texts and their tables."""
