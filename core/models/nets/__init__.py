"""Three networks, one readable page each, from token ids to logits.

They read and write the tensor names of Hugging Face and equal `transformers` to 1e-5, without its import. All
three have the same face:

    kind, context            "masked" or "causal"; the longest window in tokens
    understands(config)      whether this page covers that config.json
    from_config, from_tensors, config, to_tensors
    hidden(ids)              (B, T) -> (B, T, width)
    states(ids, lengths, rows, columns) (N, width) at the asked places only, for
    head(states)                        logits (N, vocabulary), as few rows at a time as one likes
    read(ids, lengths, rows, columns)   both at once
"""
