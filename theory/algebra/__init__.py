"""Facts that the proofs of several theorems use: inequalities proved by machine, lemmas."""
