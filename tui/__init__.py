"""Lookboth on a terminal: the window and the headless verbs. Never imports torch, transformers or numpy."""
