"""What a claim is: symbols with domains, statements, premises, evaluation, text, slips."""
