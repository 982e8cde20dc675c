"""One module or package per theorem: what is trained and measured for its claims."""
