"""Everything in Lookboth that computes: models, text, scores, training, and the engine that serves them.

Importing this package imports nothing else. `messages`, `runs`, `catalogue`, `paths`, `errors`, `settings` and
`passages` never import torch: they are the only part that a front end may import.
"""

__version__ = "0.1.0"
