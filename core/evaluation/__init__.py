"""How well do models do? Held-out text, minimal pairs and cloze facts, the same for every model.

Every number is a function of the model's weights, the set and a seed. Log-probabilities are natural, in float32.
"""
