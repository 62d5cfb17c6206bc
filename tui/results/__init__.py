"""Results as a person reads them: totals, marks, captions, texts and files, and the ones that are kept."""
