"""A matched trio: the three families on the same windows with the same budget, one after another, and a report."""
