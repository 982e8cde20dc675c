"""From measured values to a verdict: samples, evidence, the error budget, seeds."""
