"""Figures, bulletins (通报), documents and overviews: what is counted and what leaves on paper.

Source: the page on what leaves the house, "Bulletins" and "Overview".
"""
