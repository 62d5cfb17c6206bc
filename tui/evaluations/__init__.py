"""Evaluations as a person reads them: the ones that are kept, the table, and the files they go out as."""
