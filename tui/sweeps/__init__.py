"""A sweep as a person sees it: lines over each other, one position read, the waterfall. No widgets."""
