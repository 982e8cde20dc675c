"""The fixture `gate`, its ledger, and the baseline of verdicts."""
