"""The ten claims as experiments are planned for them: what is varied, and the rule that decides. No torch.

One file a claim. What is measured stands in the file of the same name in `core.experiments`; the rule stands here,
apart from it, so that it is fixed before anything is measured and can be read, and tested, on its own.
"""
