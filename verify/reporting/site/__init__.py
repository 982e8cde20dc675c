"""A site of static pages on what was checked: no script, no network, the same from a folder."""
