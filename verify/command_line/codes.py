"""Exit codes that commands share."""

UNFINISHED = 4
"""The run could not be finished: an output could not be written, out of memory, a bug."""

INTERRUPTED = 130
