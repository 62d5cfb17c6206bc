"""Charts as data and as pictures: scales, lines, and what they say at one step. They know nothing of runs."""
