"""Text: words, tokens, marks, and how they lie on one another."""
