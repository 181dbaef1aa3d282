"""From facts to hits: the plain evaluator, the four forms, levels, and the evidence of a hit."""
