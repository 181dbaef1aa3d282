"""Bulletins (通报) as rows: the text, the numbers frozen in it, its demands, who signed for it.

Who may do what with them stands in ``access``, their course in ``reports/bulletins``.
"""
