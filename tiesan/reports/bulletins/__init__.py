"""Bulletins (通报): drafted with frozen numbers, signed and numbered, signed for, corrected.

Source: the page on what leaves the house, "Bulletins".
"""
