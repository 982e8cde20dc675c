"""Who tests the tests: false alarms, missed violations, slips in claims, proofs."""
