"""The command line, `python -m verify`: one file per command."""

from verify.command_line.program import main

__all__ = ["main"]
