"""Networks identified from finitely many values."""
