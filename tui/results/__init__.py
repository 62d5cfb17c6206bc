"""Comparisons and predictions as a person reads them: marks, captions, paint, files, and the ones that are kept."""
