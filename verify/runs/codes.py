"""Exit codes that commands share; 0 is a pass, and 2 wrong usage."""

REFUTED = 1
"""The measurements contradict a claim."""

NOTHING_SAID = 3
"""Nothing is refuted, and not all that counts holds."""

UNFINISHED = 4
"""The run could not be finished: an output could not be written, out of memory, a bug."""

INTERRUPTED = 130
