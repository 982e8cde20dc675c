"""The empirical side: experiments, evidence, verdicts, the pytest plugin, the command line.

What a theorem or a test of one's own needs is here under a short name. Names are imported when they
are first used, so that pytest can load the plugin without torch.
"""

from theory.language.public import offered

__getattr__, __dir__, __all__ = offered(__name__, __file__)
