"""The experiments behind the claims: one file a claim, each measures and leaves the verdict to the rule in
`core.claims`.

Every number is a function of the weights, the knobs and the seed; only times are not.
"""
