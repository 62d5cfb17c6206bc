"""The notes as data: pages, claims, sources, and the Markdown they are written in."""
