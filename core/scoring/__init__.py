"""How likely was each token? Surprisal for causal models, pseudo-log-likelihood for masked ones.

Every log-probability is natural (nats), taken from a softmax in float32 over the whole vocabulary.
"""
