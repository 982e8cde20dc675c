"""One check, a sweep, the search for the worst case, a replay; files."""
